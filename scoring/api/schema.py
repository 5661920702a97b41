"""How cards, timelines and scores look in the schema. What a card says is written in docs/scoring.md."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.schema import anything

EXAMPLE_MATRIX = {
    "schema": 1,
    "name": "First model",
    "grades": {"A": 30, "B": 10},
    "levels": {"1": 30, "2": 10},
    "stages": [
        {"key": "cold", "label": "Cold"},
        {"key": "mql", "label": "Marketing qualified", "at": 40},
        {"key": "sql", "label": "Sales qualified", "at": 80},
    ],
    "criteria": [
        {
            "key": "vp",
            "label": "VP or above",
            "dimension": "fit",
            "points": 30,
            "if": {"field": "lead.seniority", "op": "in", "value": ["vp", "c_level"]},
        },
        {
            "key": "pricing",
            "label": "Viewed the pricing page",
            "dimension": "behavior",
            "points": 8,
            "when": {
                "kinds": ["page_view"],
                "where": {"field": "activity.url", "op": "path_starts_with", "value": "/pricing"},
            },
            "count": {"max": 3},
            "decay": {"half_life_days": 30},
        },
    ],
}
EXAMPLE_FACTS = {
    "lead": {"seniority": "vp", "country": "DE"},
    "company": {"employees": 240},
    "activities": [
        {"id": "web:1", "kind": "page_view", "occurred_at": "2026-03-03T09:00:00Z", "url": "/pricing"},
        {"id": "web:2", "kind": "page_view", "occurred_at": "2026-03-02T09:00:00Z", "url": "/pricing/teams"},
    ],
}
EXAMPLE_CARD = {
    "model": "default",
    "version": 7,
    "checksum": "sha256:…",
    "as_of": "2026-03-03",
    "applies": "met",
    "total": 46,
    "dimensions": {"fit": 30, "behavior": 16, "qualification": 0},
    "grade": "A",
    "level": 2,
    "rating": "A2",
    "stage": "mql",
    "decided_by": "points",
    "disqualified_by": [],
    "fast_tracked_by": [],
    "ledger": [
        {
            "criterion": "vp",
            "dimension": "fit",
            "group": None,
            "points": 30,
            "units": 1000000,
            "contribution": 30,
            "outcome": "met",
            "evidence": {"activities": [], "fields": {"lead.seniority": "vp"}},
        },
        {
            "criterion": "pricing",
            "dimension": "behavior",
            "group": None,
            "points": 8,
            "units": 1977160,
            "contribution": 16,
            "outcome": "met",
            "evidence": {
                "activities": [
                    {"id": "web:1", "age": 0, "share": 1000000, "repeat": 1000000},
                    {"id": "web:2", "age": 1, "share": 977160, "repeat": 1000000},
                ],
                "fields": {},
            },
        },
    ],
}
EXAMPLE_ROW = {
    "lead": 4711,
    "total": 46,
    "fit": 30,
    "behavior": 16,
    "qualification": 0,
    "grade": "A",
    "level": 2,
    "rating": "A2",
    "stage": "mql",
    "decided_by": "points",
    "is_qualified": True,
}
EXAMPLE_FIGURES = {key: value for key, value in EXAMPLE_ROW.items() if key != "lead"} | {
    "version": 7,
    "as_of": "2026-03-03",
}
EXAMPLE_TIMELINE = {
    "id": "web:1",
    "pk": 90210,
    "kind": "page_view",
    "occurred_at": "2026-03-03T09:00:00+00:00",
    "url": "/pricing",
    "subject": "",
    "value": None,
    "source": "",
    "is_bot": False,
    "withdrawn": False,
    "points": 8,
    "parts": [{"criterion": "pricing", "label": "Viewed the pricing page", "points": 8}],
}


class Card(serializers.Serializer[Any]):
    """The score card. The contributions of the ledger add up to the total. All but the first five are absent where the
    model does not apply to the lead."""

    model = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    checksum = serializers.CharField()
    as_of = serializers.DateField()
    applies = serializers.ChoiceField(choices=["met", "not_met", "unknown"])
    total = serializers.IntegerField(required=False)
    dimensions = serializers.DictField(child=serializers.IntegerField(), required=False)
    grade = serializers.CharField(required=False)
    level = serializers.IntegerField(required=False)
    rating = serializers.CharField(required=False)
    stage = serializers.CharField(required=False, allow_null=True)
    decided_by = serializers.ChoiceField(choices=["points", "fast_track", "disqualifier"], required=False)
    disqualified_by = serializers.ListField(child=serializers.CharField(), required=False)
    fast_tracked_by = serializers.ListField(child=serializers.CharField(), required=False)
    ledger = serializers.ListField(child=anything(_("A line of a criterion, or of a limit.")), required=False)


class Standing(serializers.Serializer[Any]):
    """Where the total stood in the distribution of a day: higher than `percent` (rounded down) of `leads`."""

    percent = serializers.IntegerField(min_value=0, max_value=100)
    leads = serializers.IntegerField()
    as_of = serializers.DateField()


class LiveCard(Card):
    """The card of `GET leads/{id}/score`. `percentile` is null for another day, time or version than the live one, where
    the model does not apply, and before the first run."""

    percentile = Standing(allow_null=True)


class Evaluation(serializers.Serializer[Any]):
    """A `matrix`, or the id of a stored `version`; without `as_of` the current day in the matrix's time zone."""

    matrix = serializers.DictField(required=False)
    version = serializers.IntegerField(required=False)
    facts = serializers.DictField()
    as_of = serializers.DateField(required=False)


class Figures(serializers.Serializer[Any]):
    """What of a score is said again and again."""

    total = serializers.IntegerField()
    fit = serializers.IntegerField()
    behavior = serializers.IntegerField()
    qualification = serializers.IntegerField()
    grade = serializers.CharField()
    level = serializers.IntegerField()
    rating = serializers.CharField()
    stage = serializers.CharField(allow_null=True, allow_blank=True)
    decided_by = serializers.CharField()
    is_qualified = serializers.BooleanField()


class ScoreRow(Figures):
    lead = serializers.IntegerField()


class DatedFigures(Figures):
    """`version` and `as_of` are those of the last judgement."""

    version = serializers.IntegerField()
    as_of = serializers.DateField()


class Change(serializers.Serializer[Any]):
    """`before` and `after` are null where there was, or is, no score."""

    id = serializers.IntegerField()
    changed_at = serializers.DateTimeField()
    cause = serializers.CharField()
    causes = serializers.ListField(child=serializers.CharField())
    is_crossing = serializers.BooleanField(help_text=_("Whether the stage changed."))
    before = DatedFigures(allow_null=True)
    after = DatedFigures(allow_null=True)
    card = anything(
        _(
            "What was said then, without any field's value. Null where a publication or a new day changed the score: "
            "ask for the score with this version and as_of, and with changed_at as known_at."
        )
    )


class Part(serializers.Serializer[Any]):
    criterion = serializers.CharField()
    points = serializers.IntegerField(allow_null=True, help_text=_("Null where several activities are weighed as one."))

    # A serializer has a member `label` of its own, so the field of that name goes in here.
    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "label": serializers.CharField()}


class TimelineRow(serializers.Serializer[Any]):
    """`points` is what it is worth today before the limits of criterion, group and dimension."""

    id = serializers.CharField(help_text=_("Feed and message id, as evidence names it."))
    pk = serializers.IntegerField()
    kind = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    url = serializers.CharField()
    subject = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    is_bot = serializers.BooleanField()
    withdrawn = serializers.BooleanField()
    points = serializers.IntegerField()
    parts = Part(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": serializers.CharField()}
