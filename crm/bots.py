"""Machines that look like people: known agents, and mail scanners that follow every link at once. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# Substrings of user agents; the long ones are the mail security scanners that click before a person can.
AGENTS: Final = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|facebookexternalhit|embedly|quora link preview|pinterest/|whatsapp/|"
    r"headlesschrome|phantomjs|puppeteer|playwright|selenium|lighthouse|pagespeed|gtmetrix|pingdom|uptime|statuscake|"
    r"site24x7|datadog|newrelicpinger|python-requests|python-urllib|python-httpx|aiohttp|\bcurl/|\bwget/|go-http-client|"
    r"okhttp|java/|libwww|httpclient|node-fetch|axios/|scrapy|feedfetcher|mediapartners|bingpreview|yandex|baidu|"
    r"barracuda|proofpoint|mimecast|symantec|messagelabs|ironport|safelinks|forcepoint|trendmicro|fireeye|"
    r"google-safety|googleimageproxy|yahoomailproxy|censys|zgrab|nmap|masscan",
    re.IGNORECASE,
)
USER_AGENT_NAMES: Final = ("user_agent", "userAgent", "User-Agent", "user-agent")
BURST_CLICKS: Final = 4
BURST_SECONDS: Final = 10


@dataclass(frozen=True, kw_only=True)
class Click:
    """One click in a mail: `id` is the caller's own, `subject` the mail."""

    id: int
    subject: str
    url: str
    occurred_at: datetime


def user_agent_in(properties: Mapping[str, object]) -> str:
    """The user agent an activity carries, under the usual names or in a `context` object; empty without one."""
    context = properties.get("context")
    for place in (properties, context if isinstance(context, Mapping) else {}):
        for name in USER_AGENT_NAMES:
            if isinstance(agent := place.get(name), str):
                return agent
    return ""


def bot_reason(properties: Mapping[str, object]) -> str:
    """Why an activity is a machine's (`user_agent`), from what it carries; empty where nothing says so."""
    agent = user_agent_in(properties)
    return "user_agent" if agent and AGENTS.search(agent) else ""


def click_bursts(clicks: Iterable[Click]) -> set[int]:
    """The ids of clicks a scanner made: four or more different links of one mail within ten seconds."""
    by_mail: dict[str, list[Click]] = {}
    for click in clicks:
        by_mail.setdefault(click.subject, []).append(click)
    return {click_id for mail in by_mail.values() for click_id in _burst_of(mail)}


def _burst_of(mail: Sequence[Click]) -> set[int]:
    found: set[int] = set()
    ordered = sorted(mail, key=lambda click: click.occurred_at)
    for index, first in enumerate(ordered):
        until = first.occurred_at + timedelta(seconds=BURST_SECONDS)
        window = [click for click in ordered[index:] if click.occurred_at <= until]
        if len({click.url for click in window}) >= BURST_CLICKS:
            found |= {click.id for click in window}
    return found
