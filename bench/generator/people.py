"""Companies, leads and who works here, as rows for COPY."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bench.generator.chance import zipf
from bench.generator.vocabulary import (
    CITIES,
    COUNTRIES,
    FIRST,
    INDUSTRIES,
    LAST,
    LEVELS,
    PLANS,
    ROLES,
    SOURCES,
    TECHNOLOGIES,
    TIERS,
)
from crm.identity import department_of, seniority_of

#: The months that the population has been collected over, in days.
DAYS = 548
OWNERS = 20

COMPANY_COLUMNS = (
    "id", "created_at", "updated_at", "name", "domain", "industry", "country", "employees", "revenue", "technologies",
    "attributes",
)  # fmt: skip
LEAD_COLUMNS = (
    "id", "created_at", "updated_at", "email", "email_key", "first_name", "last_name", "title", "phone", "phone_key",
    "country", "state", "city", "source", "consent", "qualification", "attributes", "email_domain", "email_kind",
    "phone_kind", "seniority", "department", "is_suspect", "revision", "company_id", "merged_into_id", "owner_id",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class People:
    """What activities depend on: when each lead came in, as days before `now`, and who is hot."""

    now: datetime
    leads: int
    age_days: NDArray[np.float64]
    is_hot: NDArray[np.bool_]


def people_draw(rng: np.random.Generator, *, leads: int, now: datetime) -> People:
    """More came lately than long ago; 8 % are hot."""
    age = DAYS * rng.random(leads) ** 1.3 + 0.01
    return People(now=now, leads=leads, age_days=age, is_hot=rng.random(leads) < 0.08)


def companies_of(leads: int) -> int:
    return max(5, leads // 5)


def domain(number: int) -> str:
    return f"firm{number}.{'rival' if number % 211 == 210 else 'company'}.example"


def company_rows(rng: np.random.Generator, *, leads: int, now: datetime) -> Iterator[str]:
    """Lines of COPY in the order of COMPANY_COLUMNS."""
    many = companies_of(leads)
    industry, country = zipf(rng, among=len(INDUSTRIES), size=many), zipf(rng, among=len(COUNTRIES), size=many)
    employees = np.exp(rng.normal(4.4, 1.7, many)).astype(np.int64) + 1
    known, tier = rng.random(many), zipf(rng, among=len(TIERS), size=many, exponent=1.6)
    technologies = zipf(rng, among=len(TECHNOLOGIES), size=3 * many)
    made = (now - timedelta(days=DAYS)).isoformat()
    for row in range(many):
        uses = "{" + ",".join(sorted({TECHNOLOGIES[each] for each in technologies[3 * row : 3 * row + 3]})) + "}"
        attributes = json.dumps({"tier": TIERS[tier[row]]}) if known[row] < 0.6 else "{}"
        yield (
            f"{row + 1}\t{made}\t{made}\tFirm {row}\t{domain(row)}\t{INDUSTRIES[industry[row]]}\t"
            f"{COUNTRIES[country[row]]}\t{employees[row] if known[row] < 0.85 else chr(92) + 'N'}\t"
            f"{employees[row] * 120_000 if known[row] < 0.4 else chr(92) + 'N'}\t{uses}\t{attributes}\n"
        )


def lead_rows(rng: np.random.Generator, people: People) -> Iterator[str]:
    """Lines of COPY in the order of LEAD_COLUMNS. One in two hundred was merged into the lead before it."""
    many = people.leads
    firm = zipf(rng, among=companies_of(many), size=many, exponent=0.9)
    level, role = zipf(rng, among=len(LEVELS), size=many, exponent=0.9), zipf(rng, among=len(ROLES), size=many)
    country = zipf(rng, among=len(COUNTRIES), size=many)
    city = zipf(rng, among=len(CITIES), size=many)
    source = zipf(rng, among=len(SOURCES), size=many)
    plan = zipf(rng, among=len(PLANS), size=many, exponent=1.5)
    chance = rng.random((many, 8))
    renewal = rng.integers(-900, 900, many)
    owner = rng.integers(1, OWNERS + 1, many)
    titles = {f"{high}{low}": "" for high in LEVELS for low in ROLES}
    derived = {title: (seniority_of(title) or "", department_of(title) or "") for title in titles}
    null, is_merged = "\\N", False
    for row in range(many):
        drawn = chance[row]
        made = (people.now - timedelta(days=float(people.age_days[row]))).isoformat(timespec="seconds")
        first, last = FIRST[row % len(FIRST)], LAST[row // len(FIRST) % len(LAST)]
        title = f"{LEVELS[level[row]]}{ROLES[role[row]]}" if drawn[0] < 0.85 else ""
        seniority, department = derived.get(title, ("", ""))
        is_free = drawn[1] < 0.18
        host = "mail.example" if is_free else domain(int(firm[row]))
        kind = ("disposable" if drawn[1] < 0.01 else "free") if is_free else "work"
        email = f"{first}.{last}{row}@{host}".lower().replace("ü", "ue")
        phone = f"+49 30 {1_000_000 + row}" if drawn[2] < 0.4 else ""
        attributes: dict[str, object] = {}
        if drawn[3] < 0.5:
            attributes["plan"] = PLANS[plan[row]]
        if drawn[3] < 0.2:
            attributes["customer_since"] = (people.now - timedelta(days=1_000 + int(renewal[row]))).date().isoformat()
        if drawn[4] < 0.3:
            attributes["seats"] = int(owner[row]) * 5
        qualification = {"need": "replace a tool", "budget": int(owner[row]) * 1_000} if drawn[5] < 0.06 else {}
        is_merged = not is_merged and row > 0 and row % 200 == 0
        yield (
            f"{row + 1}\t{made}\t{made}\t{email}\t{email}\t{first}\t{last}\t{title}\t{phone}\t"
            f"{phone.replace(' ', '')}\t{COUNTRIES[country[row]] if drawn[6] < 0.9 else ''}\t\t{CITIES[city[row]]}\t"
            f"{SOURCES[source[row]]}\t{'t' if drawn[7] < 0.5 else null}\t{json.dumps(qualification)}\t"
            f"{json.dumps(attributes)}\t{host}\t{kind}\t{'fixed' if phone else ''}\t{seniority}\t{department}\t"
            f"{'t' if drawn[7] < 0.015 else 'f'}\t1\t{null if is_free else int(firm[row]) + 1}\t"
            f"{row if is_merged else null}\t{owner[row] if drawn[6] < 0.7 else null}\n"
        )
