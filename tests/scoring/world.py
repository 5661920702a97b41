"""A small world for tests of scoring: one matrix, leads and what they do, by the same services everybody uses."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from accounts.models import Role, User
from crm.models import Activity, Lead
from crm.services.activities import activities_record
from crm.services.leads import lead_upsert
from scoring.checking import Difference, scores_check
from scoring.models import MatrixVersion, Score, ScoreChange, ScoringModel
from scoring.services.matrices import model_create, version_create
from scoring.services.publication import version_publish
from scoring.services.rescoring import work_drain
from scoring.services.runs import runs_drain

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)

PRICING = {"kinds": ["page_view"], "where": {"field": "activity.url", "op": "path_starts_with", "value": "/pricing"}}

MATRIX: Mapping[str, Any] = {
    "schema": 1,
    "name": "Test model",
    # Partners are not scored; whose source is unknown is.
    "applies_to": {
        "any": [
            {"not": {"field": "lead.source", "op": "is_known"}},
            {"not": {"field": "lead.source", "op": "is", "value": "partner"}},
        ]
    },
    "grades": {"A": 30, "B": 20, "C": 10},
    "levels": {"1": 40, "2": 20, "3": 10},
    "stages": [
        {"key": "cold", "label": "Cold"},
        {"key": "warm", "label": "Warm", "at": 20},
        {"key": "mql", "label": "Marketing qualified", "at": 40},
        {"key": "sql", "label": "Sales qualified", "at": 70, "min_grade": "B"},
    ],
    "groups": {"website": {"label": "Website", "ceiling": 35}},
    "criteria": [
        {
            "key": "exec-title",
            "label": "Executive title",
            "dimension": "fit",
            "points": 20,
            "if": {"field": "lead.seniority", "op": "in", "value": ["c_level", "vp"]},
        },
        {
            "key": "germany",
            "label": "From Germany",
            "dimension": "fit",
            "points": 10,
            "if": {"field": "lead.country", "op": "is", "value": "DE"},
        },
        {
            "key": "software",
            "label": "Software company",
            "dimension": "fit",
            "points": 5,
            "if": {"field": "company.industry", "op": "is", "value": "Software"},
        },
        {
            "key": "pricing-page",
            "label": "Viewed the pricing page",
            "dimension": "behavior",
            "group": "website",
            "points": 10,
            "when": PRICING,
            "count": {"max": 4},
            "decay": {"linear_days": 10},
        },
        {
            "key": "went-quiet",
            "label": "Went quiet",
            "dimension": "behavior",
            "points": -5,
            "when": {"kinds": ["page_view"], "silent_days": 14},
        },
        {
            "key": "demo",
            "label": "Asked for a demo",
            "dimension": "behavior",
            "points": 15,
            "fast_track": True,
            "when": {"kinds": ["demo_request"]},
            "decay": {"expires_after_days": 60},
        },
        {
            "key": "competitor",
            "label": "Works for a competitor",
            "dimension": "fit",
            "points": -50,
            "disqualify": True,
            "if": {"field": "company.domain", "op": "is", "value": "rival.example"},
        },
    ],
}

_numbers = count(1)


def changed(document: Mapping[str, Any] = MATRIX, **parts: object) -> dict[str, Any]:
    """The matrix with other top-level parts; `points={"demo": 30}` changes the points of criteria."""
    points = parts.pop("points", {})
    assert isinstance(points, Mapping)
    criteria = [
        {**each, "points": points[each["key"]]} if each["key"] in points else each for each in document["criteria"]
    ]
    # A copy: what one test puts into its document, the next must not find in the matrix.
    return deepcopy({**document, "criteria": criteria, **parts})


@dataclass
class World:
    """One model with its administrator. `publish` brings everything to rest, as `settle` does."""

    admin: User = field(init=False)
    model: ScoringModel = field(init=False)

    def __post_init__(self) -> None:
        number = next(_numbers)
        self.admin = User.objects.create_user(f"admin{number}@ours.example", None, name="Ada", role=Role.ADMINISTRATOR)
        self.model = model_create(slug=f"model-{number}", name="Test model", by=self.admin)

    def draft(self, document: Mapping[str, Any] = MATRIX, model: ScoringModel | None = None) -> MatrixVersion:
        return version_create(model=model or self.model, document=deepcopy(document), by=self.admin)

    def publish(self, document: Mapping[str, Any] = MATRIX, *, settle: bool = True) -> MatrixVersion:
        version = self.draft(document)
        version_publish(version_id=version.pk, by=self.admin, reason="A test asked for it.")
        if settle:
            self.settle()
        version.refresh_from_db()
        return version

    def lead(self, email: str | None = None, **values: object) -> Lead:
        email = email or f"lead{next(_numbers)}@buyer{next(_numbers)}.example"
        return lead_upsert(feed="crm", values={"email": email, **values}).lead

    def send(self, lead: Lead, kind: str = "page_view", *, message_id: str | None = None, **fields: object) -> Activity:
        message_id = message_id or f"m{next(_numbers)}"
        item = {
            "message_id": message_id,
            "lead": {"id": lead.pk},
            "kind": kind,
            "occurred_at": NOON.isoformat(),
            **({"url": "https://ours.example/pricing"} if kind == "page_view" else {}),
            **fields,
        }
        (result,) = activities_record(feed="web", items=[item])
        assert result.status in {"accepted", "duplicate"}, result
        return Activity.objects.get(feed="web", message_id=message_id)

    def settle(self) -> None:
        """Judge until nothing waits, as the worker does."""
        while work_drain().batches or runs_drain():
            pass

    def score(self, lead: Lead) -> Score | None:
        return Score.objects.filter(lead=lead.pk, model=self.model).first()

    def total(self, lead: Lead) -> int | None:
        self.settle()
        score = self.score(lead)
        return None if score is None else score.total

    def changes(self, lead: Lead) -> list[ScoreChange]:
        """Oldest first."""
        return list(ScoreChange.objects.filter(lead=lead.pk, model=self.model).order_by("pk"))

    def differences(self, *only: Lead) -> list[Difference]:
        report = scores_check(only=[lead.pk for lead in only] or None)
        assert report.waiting == 0, "Work is left: settle first."
        return report.differences
