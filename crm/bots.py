"""Machines that look like people. Pure: known agents, what comes with the mail itself, and bursts nobody can make.

Every rule says of a set of activities which are a machine's, and further activities never take that back; so whatever
order they arrive in, the same are marked in the end.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Substrings of user agents; the long ones are the mail security scanners that click before a person can.
AGENTS: Final = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|facebookexternalhit|embedly|quora link preview|pinterest/|whatsapp/|"
    r"headlesschrome|phantomjs|puppeteer|playwright|selenium|lighthouse|pagespeed|gtmetrix|pingdom|uptime|statuscake|"
    r"site24x7|datadog|newrelicpinger|python-requests|python-urllib|python-httpx|aiohttp|\bcurl/|\bwget/|go-http-client|"
    r"okhttp|java/|libwww|httpclient|node-fetch|axios/|scrapy|feedfetcher|mediapartners|bingpreview|yandex|baidu|"
    r"barracuda|proofpoint|mimecast|symantec|messagelabs|ironport|safelinks|forcepoint|trendmicro|fireeye|"
    r"google-safety|googleimageproxy|yahoomailproxy|censys|zgrab|nmap|masscan|amazon cloudfront|amazon-route53|"
    r"google-cloud-|cloudflare-|azure-logic-apps",
    re.IGNORECASE,
)
USER_AGENT_NAMES: Final = ("user_agent", "userAgent", "User-Agent", "user-agent")
# A person who means it follows one link, rarely two, of a mail; a scanner follows all of them while it delivers.
BURST_CLICKS: Final = 4
BURST_SECONDS: Final = 10
# Nobody opens a mail, reads it and clicks in the two seconds after it was delivered.
DELIVERY_SECONDS: Final = 2
DELIVERED_AT: Final = "delivered_at"
# An office shares an address, too, but ten of its people never look within the same ten seconds.
ADDRESS_LEADS: Final = 10
ADDRESS_SECONDS: Final = 10

CLICK: Final = "email_click"
MAIL_KINDS: Final = frozenset([CLICK, "email_open"])
# What a scanner does from its data centre; forms and calls are not judged by an address, a fair's tablet has one.
ADDRESS_KINDS: Final = MAIL_KINDS | {"page_view"}

# Why an activity is a machine's; where two rules hold the first is named, whichever was noticed first.
RULES: Final = ("user_agent", "at_delivery", "click_burst", "address_burst")
BY_HAND: Final = "by_hand"
PERSON: Final = "person"
#: The reasons in the words of people.
WHY: Final[dict[str, str | Promise]] = {
    "user_agent": _("its browser says that it is a robot or a mail scanner"),
    "at_delivery": _("within two seconds of the delivery of the mail"),
    "click_burst": _("four or more links of one mail within ten seconds"),
    "address_burst": _("ten or more leads from one address within ten seconds"),
    BY_HAND: _("somebody said so"),
}


@dataclass(frozen=True, kw_only=True)
class Click:
    """One click in a mail: `id` is the caller's own, `subject` the mail."""

    id: int
    subject: str
    url: str
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """An activity seen from a network address: `id` is the caller's own, `lead_id` who did it."""

    id: int
    address: str
    lead_id: int
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Deed:
    id: int
    what: object
    occurred_at: datetime


def user_agent_in(properties: Mapping[str, object]) -> str:
    """The user agent an activity carries, under the usual names or in a `context` object; empty without one."""
    context = properties.get("context")
    for place in (properties, context if isinstance(context, Mapping) else {}):
        for name in USER_AGENT_NAMES:
            if isinstance(agent := place.get(name), str):
                return agent
    return ""


def address_in(properties: Mapping[str, object]) -> str:
    """The public network address an activity carries as `ip`, itself or in `context`, as it was sent; empty without one.

    A private address is that of a proxy of the sender's own and says nothing.
    """
    context = properties.get("context")
    sent = properties.get("ip")
    if sent is None and isinstance(context, Mapping):
        sent = context.get("ip")
    if not isinstance(sent, str):
        return ""
    try:
        return sent if ipaddress.ip_address(sent).is_global else ""
    except ValueError:
        return ""


def bot_reason(properties: Mapping[str, object], *, kind: str = "", occurred_at: datetime | None = None) -> str:
    """Why an activity is a machine's by itself (`user_agent`, `at_delivery`); empty where nothing says so."""
    agent = user_agent_in(properties)
    if agent and AGENTS.search(agent):
        return "user_agent"
    if kind in MAIL_KINDS and occurred_at is not None and _is_at_delivery(properties.get(DELIVERED_AT), occurred_at):
        return "at_delivery"
    return ""


def click_bursts(clicks: Iterable[Click]) -> set[int]:
    """The ids of clicks a scanner made: four or more different links of one mail within ten seconds."""
    by_mail: dict[object, list[_Deed]] = {}
    for click in clicks:
        deed = _Deed(id=click.id, what=click.url, occurred_at=click.occurred_at)
        by_mail.setdefault(click.subject, []).append(deed)
    return _bursts(by_mail.values(), least=BURST_CLICKS, seconds=BURST_SECONDS)


def address_bursts(sightings: Iterable[Sighting]) -> set[int]:
    """The ids of what a data centre did: ten or more different leads from one address within ten seconds."""
    by_address: dict[object, list[_Deed]] = {}
    for seen in sightings:
        deed = _Deed(id=seen.id, what=seen.lead_id, occurred_at=seen.occurred_at)
        by_address.setdefault(seen.address, []).append(deed)
    return _bursts(by_address.values(), least=ADDRESS_LEADS, seconds=ADDRESS_SECONDS)


def is_stronger(reason: str, than: str) -> bool:
    """Whether a rule is named rather than the one that stands; what people said always stands."""
    return not than or (than in RULES and RULES.index(reason) < RULES.index(than))


def _bursts(groups: Iterable[Collection[_Deed]], *, least: int, seconds: int) -> set[int]:
    return {deed_id for deeds in groups if len(deeds) >= least for deed_id in _burst_of(deeds, least, seconds)}


def _burst_of(deeds: Collection[_Deed], least: int, seconds: int) -> set[int]:
    """The ids in all spans of so many seconds that hold `least` different things."""
    ordered = sorted(deeds, key=lambda deed: deed.occurred_at)
    span = timedelta(seconds=seconds)
    inside: Counter[object] = Counter()
    # Of the deeds in the span, those whose time is told to the second.
    exact = end = 0
    marked_to = 0
    found: set[int] = set()
    for start, first in enumerate(ordered):
        while end < len(ordered) and ordered[end].occurred_at <= first.occurred_at + span:
            inside[ordered[end].what] += 1
            exact += _has_seconds(ordered[end].occurred_at)
            end += 1
        # Times that all stand at a full minute were written down without seconds: nothing says that it was at once.
        if len(inside) >= least and exact:
            found |= {deed.id for deed in ordered[max(start, marked_to) : end]}
            marked_to = end
        inside[first.what] -= 1
        exact -= _has_seconds(first.occurred_at)
        if not inside[first.what]:
            del inside[first.what]
    return found


def _has_seconds(moment: datetime) -> bool:
    return bool(moment.second or moment.microsecond)


def _is_at_delivery(delivered_at: object, occurred_at: datetime) -> bool:
    if not isinstance(delivered_at, str):
        return False
    try:
        delivered = datetime.fromisoformat(delivered_at)
    except ValueError:
        return False
    if delivered.tzinfo is None or not (_has_seconds(delivered) or _has_seconds(occurred_at)):
        return False
    return timedelta() <= occurred_at - delivered <= timedelta(seconds=DELIVERY_SECONDS)
