"""A population with all that facts may hold, and columns held to what the engine would be handed."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm.models import Activity, Company, Lead
from crm.queries import facts_for_leads
from scoring.bulk.columns import Column, Columns
from scoring.bulk.from_facts import columns_of_facts
from scoring.loader import facts_on

TEXTS = ["", "a", "A", " a ", "VP, Sales", "ﬁn İı ß", "日本", "a\nb\tc", 'quote " and \\', "😀", "null", "0", "x" * 300]
NAMES = ["plan", "a.b", 'it"s', "it's", "%s", "ß é", " spaced ", "a%b", "$.x", "null"]
VALUES = [
    None, "", "text", 0, 1, -1, 1.0, 0.1, 1e300, -2.5e-9, 10**30, 12345678901234567890123, True, False, [], [None],
    ["a", 1, 1.5, [2]], {}, {"a": {"b": [1.25, None]}}, "2024-02-29", " 12.50 ", "0.30", 0.1 + 0.2,
]  # fmt: skip
NUMBERS = [None, Decimal(0), Decimal(1), Decimal("-3"), Decimal("0.1"), Decimal("1E+15"), Decimal("2.5000"),
           Decimal("12345678901234567890.12345678901234567890"), Decimal("0.00000000000000000001")]  # fmt: skip
ZONES = ["UTC", "America/St_Johns", "Asia/Kolkata", "Europe/Warsaw", "Pacific/Apia", "Africa/Monrovia"]
FIELDS = [
    *(f"lead.{name}" for name in (
        "email", "email_domain", "email_kind", "first_name", "last_name", "title", "department", "seniority", "phone",
        "phone_kind", "country", "state", "city", "source", "consent", "is_suspect", "company", "owner", "nonsense",
    )),
    *(f"company.{name}" for name in (
        "name", "domain", "industry", "country", "employees", "revenue", "technologies", "owner", "parent", "attributes",
    )),
    *(f"{group}.{name}" for group in ("lead.attributes", "lead.qualification", "company.attributes") for name in NAMES),
    "lead.attributes.nobody has it",
]  # fmt: skip


class World:
    """Companies, leads and activities at random; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0
        self.companies = [self._company() for _ in range(6)]
        self.leads = [self.lead() for _ in range(30)]
        for _ in range(200):
            self.activity(self.random.choice(self.leads))
        self.activity(None)
        for lead in self.random.sample(self.leads, 3):
            lead.merged_into = next(each for each in self.leads if each.merged_into is None and each != lead)
            lead.save()

    def some(self) -> dict[str, object]:
        return {name: self.random.choice(VALUES) for name in self.random.sample(NAMES, self.random.randint(0, 6))}

    def _company(self) -> Company:
        choice = self.random.choice
        self.number += 1
        return Company.objects.create(
            name=choice(TEXTS)[:300], domain=f"c{self.number}.example", industry=choice(TEXTS)[:200],
            country=choice(["", "DE", "US"]), employees=choice([None, 0, 7, 2**40]), revenue=choice([None, -1, 2**62]),
            technologies=choice([[], ["SAP"], ["a,b", 'c"d', "{}", "NULL"]]), attributes=self.some(),
        )  # fmt: skip

    def lead(self) -> Lead:
        choice = self.random.choice
        self.number += 1
        lead = Lead.objects.create(
            email=f"p{self.number}@x.example", email_key=f"p{self.number}@x.example", title=choice(TEXTS)[:300],
            first_name=choice(TEXTS)[:200], last_name=choice(TEXTS)[:200], city=choice(TEXTS)[:200],
            country=choice(["", "DE"]), consent=choice([None, True, False]), is_suspect=choice([None, True, False]),
            seniority=choice(["", "vp"]), attributes=self.some(), qualification=self.some(),
            company=choice([None, *self.companies]),
        )  # fmt: skip
        Lead.objects.filter(pk=lead.pk).update(created_at=self.moment())
        return lead

    def moment(self) -> datetime:
        return self.random.choice(
            [
                datetime(1970, 1, 1, tzinfo=UTC),
                datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
                datetime(1890, 6, 1, 12, 34, 56, 7, tzinfo=UTC),
                datetime(2011, 12, 30, 9, 59, 59, tzinfo=UTC),
                datetime(2026, 3, 4, 3, tzinfo=UTC),
                datetime(2026, 3, 2, self.random.randrange(24), 30, tzinfo=UTC),
                datetime(2025, 10, 26, tzinfo=UTC) + timedelta(minutes=self.random.randrange(400)),
                datetime(2024, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.random.randrange(10**14)),
            ]
        )

    def activity(self, lead: Lead | None) -> Activity:
        choice = self.random.choice
        self.number += 1
        return Activity.objects.create(
            feed=choice(["web", "web:", "ä"]), message_id=f"{choice(['m', 'M', 'é', '😀', ''])}{self.number}", lead=lead,
            kind=choice(["page_view", "email_open", "made up"]), occurred_at=self.moment(), url=choice(TEXTS),
            subject=choice(["", "a", "A", "b"]), value=choice(NUMBERS), source=choice(TEXTS)[:200],
            properties=self.some(), is_bot=self.random.random() < 0.1,
            withdrawn_at=datetime(2026, 3, 3, tzinfo=UTC) if self.random.random() < 0.1 else None, sent_hash="0" * 64,
        )  # fmt: skip


def columns_by_facts(lead_ids: list[int], as_of: date, zone: ZoneInfo, *, every_kind: bool = True) -> Columns:
    """What the engine would be handed of these leads."""
    found = facts_for_leads(lead_ids)
    return columns_of_facts([(each, facts_on(facts, as_of=as_of, zone=zone)) for each, facts in found.items()])


def decoded(column: Column) -> list[object]:
    """Values row for row, each with its type: true is not 1. Numbers by what they are worth."""
    values = [_typed(each) for each in column.dictionary.values()]
    return [values[code] for code in column.codes.tolist()]


def _typed(value: object) -> object:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value).__name__, value)
    if isinstance(value, list | tuple):
        return ("list", [_typed(each) for each in value])
    if isinstance(value, dict):
        return ("dict", {name: _typed(each) for name, each in value.items()})
    return ("number", value if isinstance(value, int) else Decimal(str(value)), isinstance(value, int))


def activities_told(columns: Columns, zone: ZoneInfo) -> list[tuple[object, ...]]:
    """Everything of each activity, in order; those of one moment whose order nobody can see by what they say."""
    own = columns.activities
    classes = [
        [decoded(getattr(own.classes, name))[klass] for klass in own.klass.tolist()]
        for name in ("kind", "url", "subject", "source")
    ]
    told = list(
        zip(
            own.lead.tolist(), own.moment.tolist(), decoded(own.value), own.days(zone).tolist(), *classes,
            *(decoded(own.properties(name)) for name in (*NAMES, "nobody has it")), strict=True,
        )
    )  # fmt: skip
    alike: dict[tuple[object, object], set[str]] = {}
    for each in told:
        alike.setdefault((each[0], each[1]), set()).add(str(each[2]))
    return sorted(told, key=lambda each: (each[0], -each[1], str(each) if len(alike[each[0], each[1]]) == 1 else ""))


def assert_same(found: Columns, expected: Columns, zone: ZoneInfo, as_of: date) -> None:
    assert found.lead_ids.tolist() == expected.lead_ids.tolist()
    assert found.first.tolist() == expected.first.tolist()
    for name in FIELDS:
        assert decoded(found.field(name)) == decoded(expected.field(name)), name
    assert decoded(found.created_days(zone, as_of)) == decoded(expected.created_days(zone, as_of))
    assert activities_told(found, zone) == activities_told(expected, zone)
