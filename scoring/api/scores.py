"""Scores by REST: a lead's card on any day under any version, its timeline and history, and the ranked list."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.paging import page_response
from accounts.api.query import Query
from accounts.api.schema import PAGING, call, paged, results
from accounts.api.view import ApiView
from accounts.models import Scope
from crm.api.leads import lead_or_404, leads_of
from scoring.api.schema import (
    EXAMPLE_CARD,
    EXAMPLE_FIGURES,
    EXAMPLE_ROW,
    EXAMPLE_TIMELINE,
    Change,
    LiveCard,
    ScoreRow,
    TimelineRow,
)
from scoring.models import Score, ScoreChange, ScoringModel
from scoring.queries import score_card, score_history, timeline_for
from scoring.services.percentiles import percentile_of

READERS = {"GET": (Scope.CRM_SYNC,)}
SCORE_FIELDS = (
    "total",
    "fit",
    "behavior",
    "qualification",
    "grade",
    "level",
    "rating",
    "stage",
    "decided_by",
    "is_qualified",
)
MODEL = OpenApiParameter("model", str, description=_("Key of a model; the first by priority without it."))


def model_or_404(slug: str | None) -> ScoringModel:
    """The model with this key, else the first by priority."""
    models = ScoringModel.objects.order_by("priority", "slug")
    found = models.first() if slug is None else models.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def score_json(score: Score) -> dict[str, Any]:
    """One row of the ranked list."""
    return {"lead": score.lead_id, **{field: getattr(score, field) for field in SCORE_FIELDS}}


class LeadScoreView(ApiView):
    """`GET leads/{id}/score?model=&as_of=&known_at=&version=`: the card, live or recomputed."""

    scopes: ClassVar = READERS

    @call(
        "lead_score",
        _("Read a lead's score and why"),
        description=_("Live, or as of a day, from what is known now or was known then, under any version."),
        answers={200: LiveCard},
        answered={**EXAMPLE_CARD, "percentile": {"percent": 93, "leads": 12400, "as_of": "2026-03-03"}},
        problems=(400, 404, 409),
        parameters=(
            MODEL,
            OpenApiParameter("as_of", str, description=_("A day, YYYY-MM-DD; today by default.")),
            OpenApiParameter("known_at", str, description=_("A time: leave out what was learned later.")),
            OpenApiParameter("version", int, description=_("A number of the model; the published one by default.")),
        ),
    )
    def get(self, request: Request, pk: int) -> Response:
        query = Query(request, ["model", "as_of", "known_at", "version"])
        model, as_of, known_at = query.text("model"), query.day("as_of"), query.moment("known_at")
        version = query.whole("version")
        query.check()
        found = model_or_404(model)
        card = score_card(
            lead_id=lead_or_404(self.key, pk).pk,
            model_id=found.pk,
            as_of=as_of,
            known_at=known_at,
            version=version,
        )
        is_live = as_of is None and known_at is None and version is None
        total = card.get("total")
        percentile = percentile_of(model_id=found.pk, total=total) if is_live and isinstance(total, int) else None
        return Response({**card, "percentile": asdict(percentile) if percentile else None})


class LeadTimelineView(ApiView):
    """`GET leads/{id}/timeline?model=`: what the lead did, with the points each is worth today."""

    scopes: ClassVar = READERS

    @call(
        "lead_timeline",
        _("Read what a lead did, newest first"),
        description=_("The newest 200 activities, each with the points it is worth today."),
        answers={200: results("Timeline", TimelineRow)},
        answered={"results": [EXAMPLE_TIMELINE]},
        problems=(400, 404),
        parameters=(MODEL,),
    )
    def get(self, request: Request, pk: int) -> Response:
        query = Query(request, ["model"])
        slug = query.text("model")
        query.check()
        lead = lead_or_404(self.key, pk)
        return Response({"results": timeline_for(lead_id=lead.pk, model_id=model_or_404(slug).pk)})


class LeadHistoryView(ApiView):
    """`GET leads/{id}/history?model=`: every change of the score, with its cause."""

    scopes: ClassVar = READERS

    @call(
        "lead_history",
        _("Read how a score changed, newest first"),
        description=_("The newest 200 changes, each with its cause and what was said then."),
        answers={200: results("History", Change)},
        answered={
            "results": [
                {
                    "id": 5150,
                    "changed_at": "2026-03-03T09:00:02+00:00",
                    "cause": "activity",
                    "causes": ["activity"],
                    "is_crossing": True,
                    "before": {**EXAMPLE_FIGURES, "total": 38, "behavior": 8, "stage": "cold", "is_qualified": False},
                    "after": EXAMPLE_FIGURES,
                    "card": {},
                }
            ]
        },
        problems=(400, 404),
        parameters=(MODEL,),
    )
    def get(self, request: Request, pk: int) -> Response:
        query = Query(request, ["model"])
        slug = query.text("model")
        query.check()
        lead = lead_or_404(self.key, pk)
        return Response({"results": score_history(lead_id=lead.pk, model_id=model_or_404(slug).pk)})


class ScoresView(ApiView):
    """`GET scores?model=&stage=&rating=&min_total=&updated_after=`: ranked, by cursor."""

    scopes: ClassVar = READERS

    @call(
        "scores_list",
        _("List scores, best first"),
        answers={200: paged("ScorePage", ScoreRow)},
        answered={"next": None, "previous": None, "results": [EXAMPLE_ROW]},
        problems=(400, 404),
        parameters=(
            MODEL,
            OpenApiParameter("stage", str, description=_("Key of a stage.")),
            OpenApiParameter("rating", str, description=_("A rating such as A2.")),
            OpenApiParameter("min_total", int),
            OpenApiParameter("updated_after", str, description=_("A time: only scores that changed since.")),
            *PAGING,
        ),
    )
    def get(self, request: Request) -> Response:
        query = Query(request, ["model", "stage", "rating", "min_total", "updated_after"], is_paged=True)
        slug, stage, rating = query.text("model"), query.text("stage"), query.text("rating")
        least, since = query.whole("min_total"), query.moment("updated_after")
        query.check()
        model = model_or_404(slug)
        scores = Score.objects.filter(model=model, lead__in=leads_of(self.key).values("pk"))
        if stage is not None:
            scores = scores.filter(stage=stage)
        if rating is not None:
            scores = scores.filter(rating=rating)
        if least is not None:
            scores = scores.filter(total__gte=least)
        if since is not None:
            # The row itself is left alone while it is equal, so its changes tell.
            changes = ScoreChange.objects.filter(lead=OuterRef("lead"), model=model, changed_at__gt=since)
            scores = scores.filter(Exists(changes))
        return page_response(request, scores, order=("-total", "lead_id"), show=score_json)
