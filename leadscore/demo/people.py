"""Who the demo company's leads are, and what they did in the year before `today`. Seeded: the same every time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadscore.demo import vocabulary as words

FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com")
DAYS = 365


@dataclass(frozen=True, kw_only=True)
class Persona:
    """A way of behaving: how often met, visits in the year, how they gather towards today, and what a visit may hold."""

    key: str
    weight: int
    visits: tuple[int, int]
    # 1 spreads visits over the year; higher numbers pull them towards today.
    recency: float
    pages: tuple[int, int]
    pricing: float
    download: float
    webinar: float
    trial: float
    demo: float
    unsubscribe: float


PERSONAS = (
    Persona(
        key="buyer",
        weight=3,
        visits=(4, 12),
        recency=5.0,
        pages=(2, 6),
        pricing=0.45,
        download=0.25,
        webinar=0.12,
        trial=0.3,
        demo=0.28,
        unsubscribe=0.0,
    ),
    Persona(
        key="evaluator",
        weight=7,
        visits=(3, 10),
        recency=1.8,
        pages=(2, 5),
        pricing=0.25,
        download=0.2,
        webinar=0.1,
        trial=0.12,
        demo=0.04,
        unsubscribe=0.01,
    ),
    Persona(
        key="reader",
        weight=27,
        visits=(4, 14),
        recency=1.4,
        pages=(1, 4),
        pricing=0.04,
        download=0.1,
        webinar=0.05,
        trial=0.0,
        demo=0.0,
        unsubscribe=0.03,
    ),
    Persona(
        key="passer-by",
        weight=43,
        visits=(1, 5),
        recency=1.0,
        pages=(1, 3),
        pricing=0.03,
        download=0.03,
        webinar=0.01,
        trial=0.0,
        demo=0.0,
        unsubscribe=0.02,
    ),
    Persona(
        key="faded",
        weight=15,
        visits=(3, 9),
        recency=0.35,
        pages=(1, 5),
        pricing=0.2,
        download=0.15,
        webinar=0.06,
        trial=0.05,
        demo=0.01,
        unsubscribe=0.05,
    ),
    Persona(
        key="applicant",
        weight=5,
        visits=(2, 6),
        recency=2.0,
        pages=(1, 3),
        pricing=0.0,
        download=0.02,
        webinar=0.0,
        trial=0.0,
        demo=0.0,
        unsubscribe=0.0,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Invented:
    """One lead as a CRM would send it, with how they behave."""

    external_id: str
    values: dict[str, object]
    persona: Persona
    created_at: datetime


def companies(rng: random.Random, count: int) -> list[dict[str, object]]:
    """Companies as the API takes them; domains under `.example`."""
    names = [(head, tail) for head in words.COMPANY_HEADS for tail in words.COMPANY_TAILS]
    made = []
    for head, tail in rng.sample(names, count):
        employees = int(10 ** rng.triangular(0.7, 4.6, 2.1))
        made.append(
            {
                "name": f"{head} {tail}",
                "domain": f"{head}-{tail}.example".lower(),
                "industry": words.INDUSTRIES.get(tail, words.OTHER_INDUSTRY),
                "country": rng.choice(words.COUNTRIES),
                "employees": employees,
                "revenue": employees * rng.randrange(60_000, 240_000, 5_000),
                "technologies": rng.sample(words.TECHNOLOGIES, rng.randrange(0, 4)),
            }
        )
    return made


def people(rng: random.Random, count: int, today: datetime) -> list[Invented]:
    """`count` leads of about a third as many companies; some write from a private address and have none."""
    firms = companies(rng, max(1, min(count // 3, 3_000)))
    titles, weights = [title for title, _w in words.TITLES], [weight for _t, weight in words.TITLES]
    personas, chances = list(PERSONAS), [persona.weight for persona in PERSONAS]
    made = []
    for number in range(1, count + 1):
        first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
        title = rng.choices(titles, weights)[0]
        persona = rng.choices(personas, chances)[0]
        firm = rng.choice(firms) if rng.random() < 0.86 else None
        local = f"{_ascii(first)}.{_ascii(last)}{number}".lower()
        values: dict[str, object] = {
            "external_id": f"crm-{number:05}",
            "email": f"{local}@{firm['domain'] if firm else rng.choice(FREE_MAIL)}",
            "first_name": first,
            "last_name": last,
            "source": rng.choice(words.SOURCES),
        }
        if title:
            values["title"] = title
        if rng.random() < 0.55:
            values["phone"] = f"+49 30 {rng.randrange(1_000_000, 9_999_999)}"
        if firm:
            values["company"] = firm
            values["country"] = firm["country"]
        created_at = today - timedelta(days=DAYS * rng.random() ** 1.2, seconds=rng.randrange(86_400))
        made.append(
            Invented(external_id=str(values["external_id"]), values=values, persona=persona, created_at=created_at)
        )
    return made


def activities(rng: random.Random, lead: Invented, today: datetime) -> Iterator[dict[str, object]]:
    """What one lead did, as items of `POST activities/batch`, in any order, none after `today`."""
    persona, number = lead.persona, 0
    # The last hours stay empty, so that a visit that began before now also ended before now.
    today -= timedelta(minutes=rng.randrange(40, 1_200))
    reach = max(1.0, (today - lead.created_at).total_seconds())

    def item(kind: str, at: datetime, **fields: object) -> dict[str, object]:
        nonlocal number
        number += 1
        return {
            "message_id": f"{lead.external_id}-{number}",
            "lead": {"external_id": lead.external_id},
            "kind": kind,
            "occurred_at": at.isoformat(),
            **fields,
        }

    for _visit in range(rng.randint(*persona.visits)):
        at = today - timedelta(seconds=reach * rng.random() ** persona.recency)
        yield item("session", at)
        pages = [rng.choice(words.PRODUCT + words.BLOG + words.DOCS) for _page in range(rng.randint(*persona.pages))]
        if rng.random() < persona.pricing:
            pages.append("/pricing")
        if persona.key == "applicant":
            pages.append("/careers")
        for page in pages:
            at += timedelta(seconds=rng.randrange(8, 240))
            yield item("page_view", at, url=f"https://www.brightpath.example{page}")
        if rng.random() < persona.download:
            yield item("download", at + timedelta(seconds=30), subject=rng.choice(words.ASSETS))
        if rng.random() < 0.5:
            mail = rng.choice(words.MAILS)
            yield item("email_open", at - timedelta(minutes=9), subject=mail)
            if rng.random() < 0.5:
                yield item("email_click", at - timedelta(minutes=8), subject=mail)
    if rng.random() < persona.webinar * 3:
        at = today - timedelta(seconds=reach * rng.random() ** persona.recency)
        subject = rng.choice(words.WEBINARS)
        yield item("webinar_register", at - timedelta(days=4), subject=subject)
        if rng.random() < 0.6:
            yield item("webinar_attend", at, subject=subject, value=rng.randrange(10, 100))
    if rng.random() < persona.trial:
        yield item("trial_start", today - timedelta(seconds=reach * rng.random() ** persona.recency), subject="Trial")
    if rng.random() < persona.demo:
        yield item(
            "demo_request", today - timedelta(seconds=reach * rng.random() ** (2 * persona.recency)), subject="Demo"
        )
    if rng.random() < persona.unsubscribe:
        yield item("unsubscribe", today - timedelta(seconds=reach * rng.random()))


def _ascii(name: str) -> str:
    return name.replace("ö", "oe").encode("ascii", "ignore").decode()
