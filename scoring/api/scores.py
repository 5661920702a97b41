"""Scores by REST: a lead's card on any day under any version, its timeline and history, and the ranked list."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django.http import Http404
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.paging import KeysetPagination
from accounts.api.view import ApiView
from accounts.models import Scope
from crm.api.leads import lead_or_404, leads_of
from kernel.errors import BadRequestError, Problem
from scoring.models import Score, ScoringModel
from scoring.queries import score_card, score_history, timeline_for

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


def _refuse(name: str, detail: str) -> BadRequestError:
    return BadRequestError(
        detail, code="bad_filter", problems=[Problem(pointer=f"/{name}", code="bad_filter", detail=detail)]
    )


def _day(query: Mapping[str, str], name: str) -> date | None:
    if name not in query:
        return None
    try:
        day = parse_date(query[name])
    except ValueError:
        day = None
    if day is None:
        raise _refuse(name, _("Send %(name)s as a day that exists, YYYY-MM-DD.") % {"name": name})
    return day


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        moment = parse_datetime(query[name])
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _refuse(
            name, _("Send %(name)s as a time with its offset, such as 2026-03-03T12:00:00Z.") % {"name": name}
        )
    return moment


def _number(query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    text = query[name]
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 9):
        raise _refuse(name, _("Send %(name)s as a whole number.") % {"name": name})
    return int(text)


def _known(query: Mapping[str, str], allowed: set[str]) -> None:
    unknown = sorted(set(query) - allowed)
    if unknown:
        names = ", ".join(sorted(allowed))
        raise BadRequestError(
            _("There is no such filter. There are: %(names)s.") % {"names": names}, code="unknown_filter"
        )


def model_or_404(query: Mapping[str, str]) -> ScoringModel:
    """The model asked for by its key, else the first by priority."""
    models = ScoringModel.objects.order_by("priority", "slug")
    found = models.filter(slug=query["model"]).first() if "model" in query else models.first()
    if found is None:
        raise Http404
    return found


class LeadScoreView(ApiView):
    """`GET leads/{id}/score?model=&as_of=&known_at=&version=`: the card, live or recomputed."""

    scopes: ClassVar = READERS

    def get(self, request: Request, pk: int) -> Response:
        query = request.query_params
        _known(query, {"model", "as_of", "known_at", "version"})
        card = score_card(
            lead_id=lead_or_404(self.key, pk).pk,
            model_id=model_or_404(query).pk,
            as_of=_day(query, "as_of"),
            known_at=_moment(query, "known_at"),
            version=_number(query, "version"),
        )
        return Response(card)


class LeadTimelineView(ApiView):
    """`GET leads/{id}/timeline?model=`: what the lead did, with the points each is worth today."""

    scopes: ClassVar = READERS

    def get(self, request: Request, pk: int) -> Response:
        _known(request.query_params, {"model"})
        model = model_or_404(request.query_params)
        return Response({"results": timeline_for(lead_id=lead_or_404(self.key, pk).pk, model_id=model.pk)})


class LeadHistoryView(ApiView):
    """`GET leads/{id}/history?model=`: every change of the score, with its cause."""

    scopes: ClassVar = READERS

    def get(self, request: Request, pk: int) -> Response:
        _known(request.query_params, {"model"})
        model = model_or_404(request.query_params)
        return Response({"results": score_history(lead_id=lead_or_404(self.key, pk).pk, model_id=model.pk)})


class ByTotal(KeysetPagination):
    ordering = ("-total", "-lead_id")


class ScoresView(ApiView):
    """`GET scores?model=&stage=&rating=&min_total=`: ranked, by cursor."""

    scopes: ClassVar = READERS

    def get(self, request: Request) -> Response:
        query = request.query_params
        _known(query, {"model", "stage", "rating", "min_total", "cursor", "page_size"})
        scores = Score.objects.filter(model=model_or_404(query), lead__in=leads_of(self.key).values("pk"))
        for name in ("stage", "rating"):
            if name in query:
                scores = scores.filter(**{name: query[name]})
        least = _number(query, "min_total")
        if least is not None:
            scores = scores.filter(total__gte=least)
        paginator = ByTotal()
        page: Any = paginator.paginate_queryset(scores, request, view=self) or []
        return paginator.get_paginated_response(
            [{"lead": score.lead_id, **{field: getattr(score, field) for field in SCORE_FIELDS}} for score in page]
        )
