"""A small believable company for a real browser: people of every role, forty leads and what they did, by the services."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from accounts.models import Role, Team, User
from crm.models import Lead
from crm.services.activities import activities_record
from crm.services.leads import leads_upsert_many
from handoff.models import RejectReason
from handoff.services import handoffs_reconcile
from scoring.presets import preset_document
from scoring.services.matrices import model_create, version_create
from scoring.services.publication import version_publish
from scoring.services.rescoring import work_drain
from scoring.services.runs import runs_drain

PASSWORD = "correct horse battery"
PEOPLE = {
    Role.REP: ("Rita Reyes", "rita@ours.example"),
    Role.SALES_MANAGER: ("Sam Okafor", "sam@ours.example"),
    Role.MARKETER: ("Mia Lindqvist", "mia@ours.example"),
    Role.ADMINISTRATOR: ("Ada Novak", "ada@ours.example"),
    Role.AUDITOR: ("Otto Brandt", "otto@ours.example"),
}
FIRST = "Ana Bo Chen Dora Eli Fatima Goran Hana Ivo Jun Kofi Lena Marek Nadia Omar Priya".split()
LAST = "Keller Santos Weber Ito Mensah Larsen Rossi Dubois Khan Svoboda Moreau Silva Tanaka".split()
TITLES = ("VP Marketing", "Director of Operations", "CTO", "Marketing Manager", "Software Engineer", "Student", "")
COMPANIES = (
    ("Northwind", "Software", 240),
    ("Alder Works", "Retail", 80),
    ("Globe Freight", "Logistics", 1500),
    ("Initial", "Fintech", 60),
    ("Meridian Labs", "Software", 420),
)
DEEDS = (
    ("page_view", {"url": "https://ours.example/pricing"}),
    ("page_view", {"url": "https://ours.example/docs/api"}),
    ("page_view", {"url": "https://ours.example/blog/why-leads-cool"}),
    ("email_click", {"subject": "March newsletter"}),
    ("download", {"subject": "Buyer guide"}),
    ("webinar_attend", {"subject": "Scoring in practice"}),
)


@dataclass(frozen=True, kw_only=True)
class Company:
    """Who works there, by role; `settle` judges and hands off until nothing waits."""

    people: dict[Role, User]

    def settle(self) -> None:
        while work_drain().batches or runs_drain():
            pass
        handoffs_reconcile()

    def publish(self, preset: str = "b2b_saas") -> None:
        ada = self.people[Role.ADMINISTRATOR]
        model = model_create(slug=preset, name="B2B SaaS", by=ada)
        version = version_create(model=model, document=preset_document(preset), by=ada, origin=f"preset:{preset}")
        version_publish(version_id=version.pk, by=ada, reason="Agreed with sales on Monday.")
        self.settle()


def company_make(*, leads: int = 40) -> Company:
    """Everybody and everything but a published model."""
    team = Team.objects.create(name="Inside sales")
    people = {
        role: User.objects.create_user(email, PASSWORD, name=name, role=role, team=team, weekly_capacity=40)
        for role, (name, email) in PEOPLE.items()
    }
    for position, label in enumerate(("No budget", "Not a decision maker", "Bad timing")):
        RejectReason.objects.get_or_create(
            slug=label.lower().replace(" ", "-"), defaults={"label": label, "position": position}
        )
    random = Random(7)
    leads_upsert_many(feed="crm", items=[_person(random, number) for number in range(leads)])
    Lead.objects.filter(pk__in=list(Lead.objects.values_list("pk", flat=True))[::2]).update(owner=people[Role.REP])
    activities_record(feed="web", items=list(_deeds(random, list(Lead.objects.order_by("pk")))))
    made = Company(people=people)
    made.settle()
    return made


def _person(random: Random, number: int) -> dict[str, object]:
    first, last = random.choice(FIRST), random.choice(LAST)
    name, industry, employees = random.choice(COMPANIES)
    domain = f"{name.split()[0].lower()}.example"
    return {
        "external_id": f"c-{number}",
        "email": f"{first}.{last}.{number}@{domain}".lower(),
        "first_name": first,
        "last_name": last,
        "title": TITLES[number % len(TITLES)],
        "country": random.choice(["DE", "US", "PL"]),
        "city": random.choice(["Berlin", "Austin", "Warsaw"]),
        "source": "Webinar",
        "company": {"name": name, "domain": domain, "industry": industry, "employees": employees},
    }


def _deeds(random: Random, leads: list[Lead]) -> Iterator[dict[str, object]]:
    now = timezone.now()
    for lead in leads:
        for place in range(random.randint(2, 16)):
            kind, what = random.choice(DEEDS)
            yield _deed(
                lead, place, kind, what, now - timedelta(days=random.randint(0, 40), hours=random.randint(1, 12))
            )
        if lead.pk % 9 == 0:
            yield _deed(lead, 99, "demo_request", {"subject": "Demo form"}, now - timedelta(days=2))


def _deed(lead: Lead, place: int, kind: str, what: dict[str, str], moment: datetime) -> dict[str, object]:
    return {
        "message_id": f"{lead.pk}-{place}",
        "lead": {"id": lead.pk},
        "kind": kind,
        "occurred_at": moment.isoformat(),
        **what,
    }
