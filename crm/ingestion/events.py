"""One activity as it is sent, read strictly. Pure: who the person is, is looked up elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Final

from django.utils.translation import gettext as _

from crm.identity import EmailIdentity, read_email
from crm.ingestion.reading import Reader, canonical, digest, plain, unsound
from kernel.errors import Problem

ITEM_FIELDS: Final = (
    "message_id", "lead", "visitor", "kind", "occurred_at", "url", "subject", "value", "source", "properties",
)  # fmt: skip
READ_ONLY: Final = frozenset(
    ["id", "feed", "received_at", "is_bot", "bot_reason", "withdrawn", "withdrawn_at", "sent_hash", "points"]
)
LARGEST_BYTES: Final = 32 * 1024
MOST_PROPERTIES: Final = 200
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
MOST_AHEAD: Final = timedelta(hours=24)
_VALUE_BELOW: Final = Decimal(10) ** 20
_VALUE_STEP: Final = Decimal(1).scaleb(-20)


@dataclass(frozen=True, kw_only=True)
class LeadRef:
    """Who an activity says it was: exactly one of the three."""

    external_id: str = ""
    email: EmailIdentity | None = None
    id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ActivityItem:
    """One activity as read. `sent_hash` is of the item as sent, nothing derived; `payload` is that item."""

    message_id: str
    sent_hash: str
    lead: LeadRef | None
    visitor: str
    kind: str
    occurred_at: datetime
    url: str
    subject: str
    value: Decimal | None
    source: str
    properties: Mapping[str, object]
    payload: Mapping[str, object]

    def is_plausible(self, now: datetime) -> bool:
        """Neither before 2000 nor more than 24 hours ahead."""
        return EARLIEST <= self.occurred_at <= now + MOST_AHEAD


def read_activity(item: object) -> tuple[ActivityItem | None, list[Problem]]:
    """The activity and no problems, or None and every problem."""
    if not isinstance(item, Mapping):
        return None, [Problem(pointer="", code="wrong_type", detail=_("Send an object."))]
    if problems := unsound(item):
        return None, problems
    sent = canonical(item)
    if len(sent) > LARGEST_BYTES:
        return None, [Problem(pointer="", code="too_large", detail=_("An activity has at most 32 KB."))]
    reader = Reader(item)
    reader.only(ITEM_FIELDS, READ_ONLY)
    properties = reader.part("properties")
    if properties is not None and len(properties.values) > MOST_PROPERTIES:
        reader.refuse("too_large", _("An activity has at most 200 properties."), "properties")
    value = reader.number("value", below=_VALUE_BELOW)
    lead = _lead(reader)
    message_id = reader.text("message_id", longest=200, required=True)
    kind = reader.text("kind", longest=60, required=True)
    occurred_at = reader.moment("occurred_at", required=True)
    texts = {
        name: reader.text(name, longest=longest) or ""
        for name, longest in {"visitor": 200, "url": LARGEST_BYTES, "subject": LARGEST_BYTES, "source": 200}.items()
    }
    if item.get("lead") is None and not texts["visitor"]:
        reader.refuse("required", _("Say who it was: send a lead or a visitor."), "lead")
    if reader.problems or message_id is None or kind is None or occurred_at is None:
        return None, reader.problems
    return ActivityItem(
        message_id=message_id,
        sent_hash=digest(sent),
        lead=lead,
        visitor=texts["visitor"],
        kind=kind,
        occurred_at=occurred_at,
        url=texts["url"],
        subject=texts["subject"],
        value=None if value is None else _to_twenty_decimals(value),
        source=texts["source"],
        properties={name: plain(each) for name, each in properties.values.items()} if properties else {},
        payload=item,
    ), []


def _lead(item: Reader) -> LeadRef | None:
    reader = item.part("lead")
    if reader is None:
        return None
    reader.only(("external_id", "email", "id"))
    before = len(reader.problems)
    external_id = reader.text("external_id", longest=200)
    email = reader.text("email", longest=320)
    lead_id = reader.integer("id")
    if len(reader.problems) > before:
        return None
    if sum(part is not None for part in (external_id, email, lead_id)) != 1:
        reader.refuse("one_of", _("Send exactly one of external_id, email and id."))
        return None
    identity = read_email(email) if email else None
    if identity is not None and not identity.key:
        reader.refuse("bad_email", _("This is no email address."), "email")
        return None
    return LeadRef(external_id=external_id or "", email=identity, id=lead_id)


def _to_twenty_decimals(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    is_finer = isinstance(exponent, int) and exponent < -20
    return value.quantize(_VALUE_STEP, context=Context(prec=60)) if is_finer else value
