"""A small cast: a model with a published version, leads, and scores as the scorers would have written them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from crm.models import Lead
from handoff.models import Handoff, HandoffPolicy, RejectReason
from handoff.services import handoffs_reconcile
from scoring.engine.parse import parse_matrix
from scoring.models import MatrixVersion, Score, ScoringModel

DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "name": "Default",
    "grades": {"A": 40, "B": 25, "C": 10, "D": 1},
    "levels": {"1": 60, "2": 35, "3": 15},
    "stages": [
        {"key": "cold", "label": "Cold"},
        {"key": "mql", "label": "Marketing qualified", "at": 50},
        {"key": "sql", "label": "Sales qualified", "at": 80},
    ],
    "criteria": [
        {
            "key": "vp",
            "label": "VP",
            "dimension": "fit",
            "points": 40,
            "if": {"field": "lead.seniority", "op": "is", "value": "vp"},
        },
        {
            "key": "pricing",
            "label": "Viewed the pricing page",
            "dimension": "behavior",
            "points": 10,
            "when": {
                "kinds": ["page_view"],
                "where": {"field": "activity.url", "op": "path_starts_with", "value": "/pricing"},
            },
            "count": {"max": 3},
        },
        {
            "key": "demo",
            "label": "Asked for a demo",
            "dimension": "behavior",
            "points": 5,
            "fast_track": True,
            "when": {"kinds": ["demo_request"]},
            "count": {"max": 1},
        },
        {
            "key": "hot",
            "label": "Marked as hot",
            "dimension": "fit",
            "points": 1,
            "fast_track": True,
            "if": {"field": "lead.attributes.hot", "op": "is", "value": "yes"},
        },
    ],
}


@pytest.fixture(autouse=True)
def _light(settings: Any) -> None:
    """Pages without collected static files, and passwords that cost nothing."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def publish(db: None) -> Callable[..., MatrixVersion]:
    """Publish a version of a model, made where there is none: `publish("default", document, is_quiet=True)`."""

    def make(
        slug: str = "default", document: dict[str, Any] | None = None, *, is_quiet: bool = False, priority: int = 100
    ) -> MatrixVersion:
        model, _made = ScoringModel.objects.get_or_create(
            slug=slug, defaults={"name": slug.title(), "priority": priority}
        )
        number = model.versions.count() + 1
        model.versions.filter(state="published").update(state="retired")
        version = MatrixVersion.objects.create(
            model=model,
            number=number,
            state="published",
            document=document or DOCUMENT,
            checksum=parse_matrix(document or DOCUMENT).checksum,
            published_at=timezone.now(),
            is_quiet=is_quiet,
        )
        model.active_version = version
        model.save()
        return version

    return make


@pytest.fixture
def version(publish: Callable[..., MatrixVersion]) -> MatrixVersion:
    return publish()


@pytest.fixture
def scored(version: MatrixVersion) -> Callable[..., Lead]:
    """A lead with a score written directly; the same lead again changes it: `scored(63)`, `scored(48, lead=lead)`."""

    def make(
        total: int | None = 60,
        *,
        lead: Lead | None = None,
        of: MatrixVersion | None = None,
        is_fast_tracked: bool = False,
        is_disqualified: bool = False,
        is_qualified: bool | None = None,
        **fields: Any,
    ) -> Lead:
        by = of or version
        if lead is None:
            number = Lead.objects.count() + 1
            fields.setdefault("first_name", "Lena")
            lead = Lead.objects.create(
                **{"last_name": f"Lead{number}", "email": f"lena{number}@theirs.example", **fields}
            )
            Lead.objects.filter(pk=lead.pk).update(email_key=lead.email)
        old = Score.objects.filter(lead=lead, model=by.model).first()
        if total is None:
            Score.objects.filter(lead=lead, model=by.model).delete()
            return lead
        qualifies = (total >= 50 or is_fast_tracked) and not is_disqualified
        Score.objects.update_or_create(
            lead=lead,
            model=by.model,
            defaults={
                "version": by,
                "as_of": timezone.now().date(),
                "total": total,
                "fit": total,
                "behavior": 0,
                "qualification": 0,
                "grade": "A",
                "level": 4,
                "rating": "A4",
                "stage": "mql" if qualifies else "cold",
                "decided_by": "points",
                "is_qualified": qualifies if is_qualified is None else is_qualified,
                "is_disqualified": is_disqualified,
                "is_fast_tracked": is_fast_tracked,
                "revision": old.revision + 1 if old else 1,
            },
        )
        return lead

    return make


@pytest.fixture
def opened(scored: Callable[..., Lead], person: Callable[..., User]) -> Callable[..., Handoff]:
    """An open hand-off of a lead that qualifies, through the front door: `opened(70, owner=rita)`."""

    def make(total: int = 60, *, owner: User | None = None, unowned: bool = False, **fields: Any) -> Handoff:
        lead = scored(total, **fields)
        handoffs_reconcile(lead_ids=[lead.pk])
        handoff = Handoff.objects.get(lead=lead, closed_at=None)
        if owner is not None or unowned:
            team = owner.team if owner else handoff.team
            Handoff.objects.filter(pk=handoff.pk).update(owner=owner, team=team)
            handoff.refresh_from_db()
        return handoff

    return make


@pytest.fixture
def reasons(db: None) -> dict[str, RejectReason]:
    """Two reasons: one that a fast track may overcome, one that says never."""
    kept = {
        "no-budget": {"label": "No budget", "may_return": True, "cool_down_days": 30},
        "competitor": {"label": "Competitor", "may_return": False, "cool_down_days": 365},
    }
    return {slug: RejectReason.objects.update_or_create(slug=slug, defaults=values)[0] for slug, values in kept.items()}


@pytest.fixture
def policy(version: MatrixVersion) -> Callable[..., HandoffPolicy]:
    def make(**values: int) -> HandoffPolicy:
        return HandoffPolicy.objects.update_or_create(model=version.model, defaults=values)[0]

    return make


def at_rest(now: datetime | None = None) -> None:
    """Every qualified lead has exactly one open hand-off or one suppression, and no lead has both."""
    from handoff.models import Suppression

    open_leads = list(Handoff.objects.filter(closed_at=None).values_list("lead_id", flat=True))
    held = list(Suppression.objects.values_list("lead_id", flat=True))
    assert len(open_leads) == len(set(open_leads))
    assert not set(open_leads) & set(held)
    qualified = set(Score.objects.filter(is_qualified=True, lead__merged_into=None).values_list("lead_id", flat=True))
    assert qualified <= set(open_leads) | set(held)
    merged = set(Lead.objects.exclude(merged_into=None).values_list("pk", flat=True))
    assert not merged & (set(open_leads) | set(held))
