"""The demo company's year: its people, matrices, leads, and a queue that is worked. Told once; telling it again does nothing."""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Installation, Role, Team, User
from crm.models import Activity, FactChange, Lead
from crm.services.activities import activities_record
from crm.services.leads import leads_upsert_many
from handoff.models import Handoff, HandoffEvent
from handoff.services.deciding import handoff_accept, handoff_claim, handoff_reject
from handoff.services.opening import queue_key
from handoff.services.reconciling import handoffs_reconcile
from leadscore.demo.history import history_invent
from leadscore.demo.people import DAYS, Invented, activities, people
from scoring.models import MatrixVersion, Score, ScoringModel
from scoring.presets import preset_document
from scoring.services.matrices import Edit, model_create, version_create, version_edit
from scoring.services.publication import version_publish
from scoring.services.rescoring import work_drain
from scoring.services.runs import runs_drain

SEED = 20_260_303
COMPANY = "Brightpath"
DOMAIN = "demo.example"
PASSWORD = "demo demo demo"  # noqa: S105 - printed by `make demo`; these people exist in a demo only
CRM_FEED, WEB_FEED = "crm", "website"
BATCH = 1_000
STAFF = (
    ("rita.rep", "Rita Ramos", Role.REP, "Sales", 40),
    ("ravi.rep", "Ravi Richter", Role.REP, "Sales", 30),
    ("rosa.rep", "Rosa Renn", Role.REP, "Sales", 20),
    ("sam.manager", "Sam Sauer", Role.SALES_MANAGER, "Sales", 0),
    ("mia.marketer", "Mia Mensah", Role.MARKETER, "Marketing", 0),
    ("ada.admin", "Ada Adler", Role.ADMINISTRATOR, "Operations", 0),
    ("otto.auditor", "Otto Obi", Role.AUDITOR, "Operations", 0),
)
# One of each role is offered at the door; the other reps have a queue, so that Rita's is hers.
AT_THE_DOOR = ("rita.rep", "sam.manager", "mia.marketer", "ada.admin", "otto.auditor")
# How many of the hand-offs came in since yesterday and still wait.
FRESH = 0.35
BEST = 400
REJECTED_FOR = ("bad-timing", "no-budget", "not-decision-maker", "wrong-region", "no-need")


def is_told() -> bool:
    """Whether this database holds the demo company already."""
    return Handoff.objects.filter(owner__email__endswith=f"@{DOMAIN}").exists()


@transaction.atomic
def tell(*, leads: int, now: datetime, say: Callable[[str], None]) -> None:
    """Tell the whole story: people, two published versions and a draft, leads and a year of activities, a worked queue.

    All of it or nothing: a telling that was cut short leaves no half a company. Every step goes through the services that
    the product's own doors use; only the times of publications and decisions are moved back afterwards, because
    services know no other time than now.
    """
    rng = random.Random(SEED)  # noqa: S311 - invented people, not secrets
    staff = _staff()
    # Whoever starts from the whole demo has nothing left to set up.
    Installation.objects.get_or_create(pk=1, defaults={"company": COMPANY, "finished_at": now})
    _model(staff["ada.admin"], now)
    say(f"{leads} leads …")
    invented = people(rng, leads, now)
    for part in _parts(iter(invented), BATCH):
        leads_tell(part, feed=CRM_FEED)
    say("a year of what they did …")
    items = (item for lead in invented for item in activities(rng, lead, now))
    for batch in _parts(items, BATCH):
        activities_record(feed=CRM_FEED, items=batch)
    _as_if_sent_then(now)
    say("scores …")
    work_drain(batch=500)
    runs_drain()
    say("hand-offs …")
    while handoffs_reconcile().done.total():
        pass
    history_invent(lead_ids=_seen_most(), now=now)
    _work_the_queue(rng, staff, now)
    runs_drain()
    work_drain()


def _staff() -> dict[str, User]:
    staff = {}
    for local, name, role, team, capacity in STAFF:
        email = f"{local}@{DOMAIN}"
        staff[local] = User.objects.filter(email=email).first() or User.objects.create_user(
            email,
            PASSWORD,
            name=name,
            role=role,
            team=Team.objects.get_or_create(name=team)[0],
            weekly_capacity=capacity,
        )
    return staff


def _model(ada: User, now: datetime) -> None:
    """A first version that missed the silence and paid too much for a page, the one that mended it, and a draft."""
    if ScoringModel.objects.filter(slug="default").exists():
        return
    model = model_create(slug="default", name="Brightpath buyers", by=ada)
    first: dict[str, Any] = preset_document("b2b_saas")
    mended = copy.deepcopy(first)
    for stage in mended["stages"]:
        stage.update({"mql": {"at": 62}, "sql": {"at": 88}}.get(stage["key"], {}))
    first["criteria"] = [each for each in first["criteria"] if each["key"] not in {"went-quiet", "careers-page"}]
    next(each for each in first["criteria"] if each["key"] == "pricing-page")["points"] = 12
    told = (
        (first, "First matrix, as agreed by sales and marketing", now - timedelta(days=150)),
        (
            mended,
            "Too many MQLs for three reps: MQL 50 → 62; silence costs points; a look at prices is worth less",
            now - timedelta(days=62),
        ),
    )
    for document, reason, published_at in told:
        version = version_create(model=model, document=document, by=ada, origin="b2b_saas")
        version_publish(version_id=version.pk, by=ada, reason=reason)
        MatrixVersion.objects.filter(pk=version.pk).update(
            published_at=published_at, created_at=published_at - timedelta(days=9)
        )
        runs_drain()
    older, newer = MatrixVersion.objects.filter(model=model).order_by("number")
    MatrixVersion.objects.filter(pk=older.pk).update(retired_at=told[1][2])
    draft = version_create(model=model, document=mended, by=ada, origin=f"default@{newer.number}")
    place = next(index for index, each in enumerate(mended["criteria"]) if each["key"] == "webinar-attended")
    version_edit(version=draft, edits=[Edit(path=f"/criteria/{place}/points", before=12, after=15)], by=ada)


def leads_tell(part: Sequence[Invented], *, feed: str) -> None:
    """Make these leads, known since the day on which they came."""
    leads_upsert_many(feed=feed, items=[lead.values for lead in part])
    born = {str(lead.values["email"]): lead.created_at for lead in part}
    rows = list(Lead.objects.filter(email__in=born).only("pk", "email", "created_at"))
    for row in rows:
        row.created_at = born[row.email]
    Lead.objects.bulk_update(rows, ["created_at"])


def _as_if_sent_then(now: datetime) -> None:
    """What came in today came in when it happened; what is known of companies was known before the year began."""
    Activity.objects.update(received_at=F("occurred_at"))
    before = now - timedelta(days=DAYS + 30)
    FactChange.objects.update(valid_at=before, recorded_at=before)


def _seen_most() -> list[int]:
    """Those whose past will be looked at: who was handed off, and the best of the rest."""
    handed_off = Handoff.objects.values_list("lead_id", flat=True)
    best = Score.objects.order_by("-total", "lead_id").values_list("lead_id", flat=True)[:BEST]
    return sorted({*handed_off, *best})


def _work_the_queue(rng: random.Random, staff: dict[str, User], now: datetime) -> None:
    """Leave hand-offs in every state, opened over the last weeks and answered within hours or days."""
    opened = list(Handoff.objects.filter(closed_at=None).select_related("owner", "model").order_by("pk"))
    for handoff in opened:
        owner = handoff.owner or staff["rita.rep"]
        move = rng.random()
        # Old ones were answered; what still waits is fresh.
        is_fresh = rng.random() < FRESH
        age = timedelta(hours=rng.uniform(0.3, 20) if is_fresh else rng.triangular(24, 24 * 21, 60))
        if is_fresh:
            if move < 0.2:
                handoff_claim(handoff_id=handoff.pk, by=owner)
        elif move < 0.62:
            handoff_accept(handoff_id=handoff.pk, by=owner)
        else:
            handoff_reject(handoff_id=handoff.pk, by=owner, reason=rng.choice(REJECTED_FOR))
        _move_back(handoff, now - age, now - age + min(age, timedelta(hours=rng.triangular(0.2, 30, 4))))


def _move_back(handoff: Handoff, opened_at: datetime, decided_at: datetime) -> None:
    handoff.refresh_from_db()
    handoff.sla_due_at = opened_at + (handoff.sla_due_at - handoff.opened_at)
    handoff.opened_at = opened_at
    for field in ("claimed_at", "decided_at", "closed_at"):
        if getattr(handoff, field):
            setattr(handoff, field, decided_at)
    handoff.priority = queue_key(
        model=handoff.model,
        sla_due_at=handoff.sla_due_at,
        total=handoff.total,
        is_fast_tracked=handoff.is_fast_tracked,
    )
    handoff.save()
    Activity.objects.filter(lead=handoff.lead_id, kind="sales_rejected").update(
        occurred_at=decided_at, received_at=decided_at
    )
    HandoffEvent.objects.filter(handoff=handoff).exclude(kind="opened").update(at=decided_at)
    HandoffEvent.objects.filter(handoff=handoff, kind="opened").update(at=opened_at)


def _parts(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while part := list(islice(items, size)):
        yield part


def sign_ins() -> list[str]:
    """Who can be signed in as, one line each."""
    known = {f"{local}@{DOMAIN}": role for local, _name, role, _team, _capacity in STAFF if local in AT_THE_DOOR}
    return [f"{email:<28} {PASSWORD:<18} {Role(role).label}" for email, role in known.items()]


def now_whole() -> datetime:
    """The moment the story ends, to the second."""
    return timezone.now().replace(microsecond=0)
