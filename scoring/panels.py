"""The panels this floor puts on the lead page: fragments, each with its own address."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.bots import BY_HAND, WHY
from crm.models import Activity, Cause, Lead
from crm.visibility import companies_visible_to, leads_visible_to
from kernel.errors import ConflictError
from scoring.asked import Asked, asked, days_known
from scoring.card_shown import card_shown
from scoring.engine.forecast import Forecast
from scoring.loader import compiled_version
from scoring.marks import marks_of
from scoring.models import MatrixVersion, Score, ScoringModel
from scoring.queries import forecast_for, score_card, score_history, timeline_for, why_not_for
from scoring.services.percentiles import percentile_of
from scoring.wording import forecast_sentence, kind_label, stage_label, why_not_sentences

TIMELINE_ROWS = 30
COLLEAGUES = 12
PEOPLE = 100
# Beyond this place a rank says nothing to a rep and costs a long count.
RANK_CAP = 10_000


@login_required
@require_safe
def lead_score(request: HttpRequest, pk: int) -> HttpResponse:
    """The head of the page: total, rating, stage and marks, and the controls for day, knowledge and model."""
    ask = asked(request, pk)
    card, refusal = _card(ask)
    rank = percentile = None
    if ask.is_live and ask.model and card and card["applies"] == "met":
        above = Score.objects.filter(model=ask.model, total__gt=card["total"])[: RANK_CAP + 1].count()
        rank = above + 1 if above <= RANK_CAP else None
        percentile = percentile_of(model_id=ask.model.pk, total=card["total"])
    context = {
        "ask": ask,
        "card": card,
        "refusal": refusal,
        "rank": rank,
        "percentile": percentile,
        "days": days_known(ask.lead, ask.model),
    }
    if card and card["applies"] == "met":
        context["stage_label"] = stage_label(card["stage"], _version(ask, card)[1])
    return render(request, "scoring/_lead_score.html", context)


@login_required
@require_safe
def lead_card(request: HttpRequest, pk: int) -> HttpResponse:
    """The score card as a waterfall."""
    ask = asked(request, pk)
    card, refusal = _card(ask)
    context: dict[str, Any] = {"ask": ask, "card": card, "refusal": refusal}
    if card and card["applies"] == "met":
        version, matrix = _version(ask, card)
        context |= {
            "version": version,
            "day": date.fromisoformat(card["as_of"]),
            "shown": card_shown(card, version.document, matrix, lead_id=pk, is_masked=ask.is_masked),
            "stage_label": stage_label(card["stage"], matrix),
        }
    return render(request, "scoring/_lead_card.html", context)


@login_required
@require_safe
def lead_next(request: HttpRequest, pk: int) -> HttpResponse:
    """What the coming days bring, and what holds the lead from the next stage. Speaks of now only."""
    ask = asked(request, pk)
    context: dict[str, Any] = {"ask": ask}
    if ask.model is not None and ask.is_live:
        try:
            outlook, matrix = forecast_for(lead_id=pk, model_id=ask.model.pk)
            held, _matrix = why_not_for(lead_id=pk, model_id=ask.model.pk)
        except ConflictError as conflict:
            context["refusal"] = conflict.detail
        else:
            context |= {
                "outlook": outlook,
                "outlook_sentence": forecast_sentence(outlook, matrix),
                "next_stage": stage_label(held.next_stage, matrix) if held.next_stage else "",
                "obstacles": why_not_sentences(held, matrix)[:6],
            }
    return render(request, "scoring/_lead_next.html", context)


@login_required
@require_safe
def lead_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What the lead did, newest first, with what each is worth today."""
    ask = asked(request, pk)
    rows = timeline_for(
        lead_id=pk,
        model_id=ask.model.pk if ask.model else 0,
        limit=TIMELINE_ROWS + 1,
        before=_place(request.GET.get("before", "")),
    )
    marked = [cast(int, row["pk"]) for row in rows if row["is_bot"]]
    reasons: dict[object, str] = dict(Activity.objects.filter(pk__in=marked).values_list("pk", "bot_reason"))
    shown = [
        {**_timeline_row(row, is_masked=ask.is_masked), "why_bot": WHY.get(reasons.get(row["pk"], ""), WHY[BY_HAND])}
        for row in rows[:TIMELINE_ROWS]
    ]
    more = (
        f"{rows[TIMELINE_ROWS - 1]['occurred_at']},{rows[TIMELINE_ROWS - 1]['pk']}" if len(rows) > TIMELINE_ROWS else ""
    )
    template = "scoring/_lead_timeline_rows.html" if request.GET.get("before") else "scoring/_lead_timeline.html"
    return render(request, template, {"ask": ask, "rows": shown, "more": more})


@login_required
@require_safe
def lead_history(request: HttpRequest, pk: int) -> HttpResponse:
    """The score over time with versions and hand-offs marked, the coming days after it, and the table behind."""
    ask = asked(request, pk)
    context: dict[str, Any] = {"ask": ask}
    if ask.model is not None:
        causes = dict(Cause.choices)
        changes = score_history(lead_id=pk, model_id=ask.model.pk)
        labels = _stage_labels(ask.model, changes)
        rows = [_history_row(change, causes, labels) for change in changes]
        context |= {"rows": rows, "chart": _chart(ask, rows)}
    return render(request, "scoring/_lead_history.html", context)


@login_required
@require_safe
def lead_colleagues(request: HttpRequest, pk: int) -> HttpResponse:
    """Others of the same company, best first; names of those only whom the asker may see."""
    ask = asked(request, pk)
    if ask.lead.company_id is None:
        return HttpResponse("")
    others = Lead.objects.filter(company=ask.lead.company_id, merged_into=None).exclude(pk=pk)
    scores = {
        score.lead_id: score
        for score in Score.objects.filter(model=ask.model, lead__in=others).order_by("-total")[:COLLEAGUES]
    }
    found = list(others.filter(pk__in=scores)) if scores else list(others.order_by("-pk")[:COLLEAGUES])
    found.sort(key=lambda one: -scores[one.pk].total if one.pk in scores else 0)
    seen = set(leads_visible_to(ask.user).filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    people = [
        {
            "lead": one,
            "score": scores.get(one.pk),
            "is_seen": one.pk in seen,
            "is_named": one.pk in seen and not ask.is_masked,
        }
        for one in found
    ]
    return render(request, "scoring/_lead_colleagues.html", {"ask": ask, "people": people})


@login_required
@require_safe
def company_people(request: HttpRequest, pk: int) -> HttpResponse:
    """The leads of a company whom the asker may see, best first by the first model; masked without their names."""
    user = cast(User, request.user)
    company = get_object_or_404(companies_visible_to(user), pk=pk)
    model = ScoringModel.objects.exclude(active_version=None).first()
    own = Score.objects.filter(lead=OuterRef("pk"), model=model)
    leads = leads_visible_to(user).filter(company=company).annotate(total=Subquery(own.values("total")[:1]))
    found = list(leads.order_by(F("total").desc(nulls_last=True), "-pk").select_related("owner")[: PEOPLE + 1])
    scores = {each.lead_id: each for each in Score.objects.filter(lead__in=found, model=model)}
    context = {
        "company": company,
        "people": [{"lead": lead, "score": scores.get(lead.pk)} for lead in found[:PEOPLE]],
        "has_more": len(found) > PEOPLE,
        "most": PEOPLE,
        "is_masked": not sees_personal_data(user.role),
    }
    return render(request, "scoring/_company_people.html", context)


def _card(ask: Asked) -> tuple[dict[str, Any] | None, str]:
    """The card asked for, or the sentence that says why there is none."""
    if ask.model is None:
        return None, ""
    try:
        card = score_card(
            lead_id=ask.lead.pk,
            model_id=ask.model.pk,
            as_of=ask.as_of,
            known_at=ask.known_at,
            version=ask.version,
        )
    except ConflictError as conflict:
        return None, conflict.detail
    return cast(dict[str, Any], card), ""


def _version(ask: Asked, card: dict[str, Any]) -> tuple[MatrixVersion, Any]:
    version = MatrixVersion.objects.get(model=ask.model, number=card["version"])
    return version, compiled_version(version_id=version.pk, checksum=version.checksum).matrix


def _place(before: str) -> tuple[datetime, int] | None:
    moment, _comma, pk = before.partition(",")
    try:
        read = parse_datetime(moment)
    except ValueError:
        # Shaped like a time, yet none: the thirteenth month.
        return None
    return (read, int(pk)) if read and read.tzinfo and pk.isdecimal() and len(pk) <= 18 else None


def _timeline_row(row: dict[str, Any], *, is_masked: bool) -> dict[str, Any]:
    occurred_at = cast(datetime, parse_datetime(row["occurred_at"]))
    where = "" if is_masked else row["subject"] or row["url"]
    # Weighed with others as one, it has no points of its own.
    points = row["points"] if any(part["points"] is not None for part in row["parts"]) else None
    return {
        **row,
        "occurred_at": occurred_at,
        "day": timezone.localdate(occurred_at),
        "what": kind_label(row["kind"]),
        "where": where,
        "points": points,
    }


def _stage_labels(model: ScoringModel, changes: Iterable[dict[str, Any]]) -> dict[tuple[int, str], str]:
    """What the versions behind these changes call their stages, by (number, key); one query however many there are."""
    numbers = {change["after"]["version"] for change in changes if change["after"]}
    versions = MatrixVersion.objects.filter(model=model, number__in=numbers).values_list("number", "document__stages")
    return {
        (number, stage["key"]): stage.get("label") or stage["key"] for number, stages in versions for stage in stages
    }


def _history_row(
    change: dict[str, Any], causes: dict[str, Any], labels: Mapping[tuple[int, str], str]
) -> dict[str, Any]:
    before, after = change["before"], change["after"]
    stage = (after["stage"] or "") if after else ""
    return {
        **change,
        "changed_at": cast(datetime, parse_datetime(change["changed_at"])),
        "cause_label": causes.get(change["cause"], change["cause"]),
        "stage_label": labels.get((after["version"], stage), stage) if after else "",
        "delta": after["total"] - before["total"] if before and after else None,
    }


def _chart(ask: Asked, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What static/js/score_history.js draws: points of the past, of the coming days, and what to mark."""
    points = [
        [row["changed_at"].isoformat(), row["after"]["total"] if row["after"] else None] for row in reversed(rows)
    ]
    marks = [{"at": mark.at.isoformat(), "label": mark.label, "kind": mark.kind} for mark in marks_of(ask.lead.pk)]
    last = None
    for row in reversed(rows):
        number = (row["after"] or {}).get("version")
        if number is not None and number != last:
            marks.append({"at": row["changed_at"].isoformat(), "label": f"v{number}", "kind": "version"})
            last = number
    return {"points": points, "marks": marks, "coming": _coming(ask), "levels": _levels(ask)}


def _coming(ask: Asked) -> list[list[Any]]:
    if ask.model is None:
        return []
    try:
        outlook: Forecast = forecast_for(lead_id=ask.lead.pk, model_id=ask.model.pk)[0]
    except ConflictError:
        return []
    if outlook.today.total is None:
        return []
    days = [outlook.today, *(day for day in outlook.changes if day.total is not None)]
    return [[day.on.isoformat(), day.total] for day in days]


def _levels(ask: Asked) -> list[dict[str, Any]]:
    version = ask.model.active_version if ask.model else None
    if version is None:
        return []
    stages = [stage for stage in version.document["stages"] if "at" in stage]
    return [{"at": stage["at"], "label": stage.get("label") or stage["key"]} for stage in stages]
