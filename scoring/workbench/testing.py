"""Test a lead, real or invented, under the published version and the draft; keep an invented one as an example."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import number_asked
from accounts.rights import sees_personal_data
from accounts.unfold import admin_user
from crm.kinds import KNOWN_KINDS
from crm.models import ActivityKind, AttributeDefinition
from crm.search import leads_found
from crm.visibility import leads_visible_to
from kernel.errors import BadRequestError, NotAllowedError
from scoring.engine import Matrix, parse_matrix
from scoring.engine.fields import COMPANY_FIELDS, LEAD_FIELDS
from scoring.loader import facts_on, zone_named
from scoring.models import MatrixVersion
from scoring.models.exact_json import ExactEncoder
from scoring.wording import kind_label
from scoring.workbench.access import EDITABLE, may_edit, reader_required, version_or_404
from scoring.workbench_shown.examples import example_at, examples_shown, without_person
from scoring.workbench_shown.invented import (
    MOST_ROWS,
    ActivityRow,
    Invented,
    activity_rows,
    invented_facts,
    other_fields,
    rows_for,
    values_of,
)
from scoring.workbench_shown.trial import Subject, Trial, real_subject, trial

FOUND: Final = 8
FIRST_DAY: Final = date(1971, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
_ACTIVITY: Final = ("kind", "count", "days_ago", "url", "subject", "value", "more")


@reader_required
@require_safe
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab: a lead to choose or invent, the cards, the examples."""
    version = version_or_404(pk)
    context = {**_form(request, version, _empty(version)), "examples": examples_shown(version)}
    return render(request, "workbench/_test.html", context)


@reader_required
@require_safe
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an invented lead: empty, opened from an `example`, or a `copy` of a lead without the person."""
    version = version_or_404(pk)
    example, copied = number_asked(request.GET.get("example", "")), number_asked(request.GET.get("copy", ""))
    if example is not None:
        invented = _opened(version, example)
    elif copied is not None:
        invented = _copied(request, version, copied)
    else:
        invented = _empty(version)
    return render(request, "workbench/_test_form.html", _form(request, version, invented))


@reader_required
@require_safe
def leads(request: HttpRequest, pk: int) -> HttpResponse:
    """A few leads whom the words mean, of those the reader may see; masked, only their company is searched."""
    version, reader = version_or_404(pk), admin_user(request)
    words = request.GET.get("q", "").strip()[:200]
    is_masked = not sees_personal_data(reader.role)
    found = []
    if words:
        visible = leads_visible_to(reader, is_list=True).select_related("company")
        found = list(leads_found(visible, words, is_masked=is_masked).order_by("-pk")[: FOUND + 1])
    context = {
        "version": version,
        "words": words,
        "leads": found[:FOUND],
        "has_more": len(found) > FOUND,
        "is_masked": is_masked,
    }
    return render(request, "workbench/_test_leads.html", context)


@reader_required
@require_POST
def cards(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead of the form under both versions. Asked by POST for its length; nothing is written."""
    version, reader = version_or_404(pk), admin_user(request)
    is_masked = not sees_personal_data(reader.role)
    zone = version.document.get("timezone", "UTC")
    lead_id = number_asked(request.POST.get("lead", "")) if request.POST.get("who") == "real" else None
    facts = None
    if request.POST.get("who") == "real":
        if lead_id is None:
            return render(request, "workbench/_test_cards.html", {"version": version})
        if not leads_visible_to(reader).filter(pk=lead_id).exists():
            raise Http404
        subject = real_subject(lead_id, as_of=_day(request, required=False), zone_name=zone)
    else:
        as_of = _day(request) or timezone.now().astimezone(zone_named(zone)).date()
        facts = invented_facts(
            _pairs(request), _activities(request), as_of=as_of, zone=zone_named(zone), matrix=_matrix(version)
        )
        subject = Subject(as_of=as_of, facts=facts)
        is_masked = False
    found = trial(version, subject, is_masked=is_masked)
    is_editable = version.state in EDITABLE and may_edit(reader)
    context = {
        "version": version,
        "trial": found,
        "ask": {"is_masked": is_masked},
        "is_editable": is_editable,
        "may_copy": is_editable and sees_personal_data(reader.role),
        "example": _example(found, facts) if facts is not None else "",
        "opened": request.POST.get("example", ""),
        "opened_name": request.POST.get("example_name", ""),
        # An example that is opened keeps what was agreed; a new one begins with what the draft says.
        "proposed": request.POST.get("example_stage", "") or found.draft.stage,
        "stages": [(each.key, each.label) for each in found.draft.matrix.stages],
    }
    return render(request, "workbench/_test_cards.html", context)


@reader_required
@require_safe
def examples(request: HttpRequest, pk: int) -> HttpResponse:
    """The examples alone, as they end now."""
    version = version_or_404(pk)
    is_editable = version.state in EDITABLE and may_edit(admin_user(request))
    context = {"version": version, "examples": examples_shown(version), "is_editable": is_editable}
    return render(request, "workbench/_test_examples.html", context)


def _form(request: HttpRequest, version: MatrixVersion, invented: Invented) -> dict[str, Any]:
    own = [f"{each.subject}.attributes.{each.key}" for each in AttributeDefinition.objects.all()]
    offered = [*(f"lead.{name}" for name in LEAD_FIELDS), *(f"company.{name}" for name in COMPANY_FIELDS), *own]
    kinds = [*((each.key, str(each.label)) for each in KNOWN_KINDS)]
    kinds += [(key, kind_label(key)) for key in ActivityKind.objects.values_list("key", flat=True)]
    return {
        "version": version,
        "invented": invented,
        "others": other_fields(invented.facts, offered),
        "kinds": kinds,
        "blank": ActivityRow(),
        "is_editable": version.state in EDITABLE and may_edit(admin_user(request)),
        "is_masked": not sees_personal_data(admin_user(request).role),
        "today": timezone.now().astimezone(zone_named(version.document.get("timezone", "UTC"))).date(),
    }


def _empty(version: MatrixVersion) -> Invented:
    zone = zone_named(version.document.get("timezone", "UTC"))
    return Invented(as_of=timezone.now().astimezone(zone).date(), facts=rows_for(_matrices(version)))


def _opened(version: MatrixVersion, index: int) -> Invented:
    found = example_at(version, index)
    if found is None:
        raise Http404
    name, as_of, facts, stage = found
    return Invented(
        as_of=as_of,
        facts=rows_for(_matrices(version), values_of(facts)),
        activities=activity_rows(facts, as_of=as_of, zone=zone_named(version.document.get("timezone", "UTC"))),
        example=index,
        name=name,
        stage=stage,
    )


def _copied(request: HttpRequest, version: MatrixVersion, lead_id: int) -> Invented:
    """Of a lead that the reader sees with its data, what the matrix names and nothing of the person."""
    reader = admin_user(request)
    if not may_edit(reader) or not sees_personal_data(reader.role):
        raise NotAllowedError(_("You may read this matrix and not change it."), code="read_only")
    if not leads_visible_to(reader).filter(pk=lead_id).exists():
        raise Http404
    zone = zone_named(version.document.get("timezone", "UTC"))
    subject = real_subject(lead_id, as_of=_asked_day(request.GET.get("day", "")), zone_name=zone.key)
    matrices = _matrices(version)
    facts: dict[str, Any] = dict(subject.known.facts) if subject.known else {}
    if subject.known is not None:
        age = facts_on(subject.known, as_of=subject.as_of, zone=zone).values.get("lead.created_days")
        facts["lead"] = {**facts["lead"], **({} if age is None else {"created_days": age})}
    kept = without_person(facts, matrices=matrices, as_of=subject.as_of, zone=zone)
    rows = activity_rows(kept, as_of=subject.as_of, zone=zone)
    notice = _(
        "Copied without the person: no name, address or phone, and only what the matrix names. Look it through before you keep it."
    )
    more = _("The oldest activities were left out: there are more than fit.") if len(rows) > MOST_ROWS else ""
    return Invented(
        as_of=subject.as_of,
        facts=rows_for(matrices, values_of(kept)),
        activities=rows[-MOST_ROWS:],
        notices=[each for each in (notice, more) if each],
    )


def _example(found: Trial, facts: dict[str, Any]) -> str:
    """What would be kept, but for its name and stage."""
    kept = {name: value for name, value in facts.items() if value is not None}
    return json.dumps({"as_of": found.subject.as_of.isoformat(), "facts": kept}, cls=ExactEncoder)


def _matrix(version: MatrixVersion) -> Matrix:
    return parse_matrix(version.document)


def _matrices(version: MatrixVersion) -> list[Matrix]:
    active = version.model.active_version
    others = [active] if active and active.pk != version.pk else []
    return [parse_matrix(each.document) for each in (version, *others)]


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return list(zip(request.POST.getlist("fact_name"), request.POST.getlist("fact_value"), strict=False))


def _activities(request: HttpRequest) -> list[ActivityRow]:
    columns = [request.POST.getlist(f"activity_{name}") for name in _ACTIVITY]
    return [ActivityRow(**dict(zip(_ACTIVITY, row, strict=True))) for row in zip(*columns, strict=False)]


def _day(request: HttpRequest, *, required: bool = True) -> date | None:
    name = "day" if required else "real_day"
    return _asked_day(request.POST.get(name, ""))


def _asked_day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        day = parse_date(text.strip())
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise BadRequestError(_("Write a day as YYYY-MM-DD, from 1971 on."), code="not_a_day")
    return day


urlpatterns: list[URLPattern] = [
    path("<int:pk>/test/", test, name="workbench-test"),
    path("<int:pk>/test/form/", form, name="workbench-test-form"),
    path("<int:pk>/test/leads/", leads, name="workbench-test-leads"),
    path("<int:pk>/test/cards/", cards, name="workbench-test-cards"),
    path("<int:pk>/examples/", examples, name="workbench-examples"),
]
