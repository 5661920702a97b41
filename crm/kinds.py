"""The kinds of activity every installation knows, in the one list of them. More are rows of ActivityKind."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind. `category` groups kinds on pages; `is_own` kinds are written by ourselves."""

    key: str
    label: str | Promise
    category: str
    is_own: bool = False


KNOWN_KINDS: Final[tuple[Kind, ...]] = (
    Kind(key="page_view", label=_("page view"), category="web"),
    Kind(key="site_search", label=_("site search"), category="web"),
    Kind(key="session", label=_("visit"), category="web"),
    Kind(key="form_submit", label=_("form submitted"), category="web"),
    Kind(key="form_error", label=_("form error"), category="web"),
    Kind(key="download", label=_("download"), category="content"),
    Kind(key="video_watch", label=_("video watched"), category="content"),
    Kind(key="content_read", label=_("content read"), category="content"),
    Kind(key="email_open", label=_("email opened"), category="email"),
    Kind(key="email_click", label=_("email clicked"), category="email"),
    Kind(key="email_reply", label=_("email answered"), category="email"),
    Kind(key="email_bounce", label=_("email bounced"), category="email"),
    Kind(key="unsubscribe", label=_("unsubscribed"), category="email"),
    Kind(key="newsletter_signup", label=_("newsletter sign-up"), category="email"),
    Kind(key="webinar_register", label=_("webinar registration"), category="event"),
    Kind(key="webinar_attend", label=_("webinar attended"), category="event"),
    Kind(key="event_attend", label=_("event attended"), category="event"),
    Kind(key="chat", label=_("chat"), category="conversation"),
    Kind(key="social", label=_("social media"), category="conversation"),
    Kind(key="call", label=_("call"), category="conversation"),
    Kind(key="meeting", label=_("meeting"), category="conversation"),
    Kind(key="trial_start", label=_("trial started"), category="intent"),
    Kind(key="demo_request", label=_("demo requested"), category="intent"),
    Kind(key="sales_rejected", label=_("rejected by sales"), category="sales", is_own=True),
    Kind(key="conversation", label=_("conversation"), category="sales", is_own=True),
    Kind(key="deal_opened", label=_("deal opened"), category="sales", is_own=True),
    Kind(key="deal_won", label=_("deal won"), category="sales", is_own=True),
    Kind(key="deal_lost", label=_("deal lost"), category="sales", is_own=True),
    Kind(key="adjustment", label=_("adjustment"), category="sales", is_own=True),
)
_KEYS: Final = frozenset(kind.key for kind in KNOWN_KINDS)


def known_kind_keys() -> frozenset[str]:
    """The keys of KNOWN_KINDS."""
    return _KEYS
