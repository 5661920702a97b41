"""How the facts of a lead or a company changed: before and after, when it was true, when it was learned, from whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import number_asked
from accounts.models import ApiKey, User
from accounts.rights import Action, Reach, may, reach, sees_personal_data
from crm.facts_shown import SENIORITIES, fact_label, value_shown
from crm.models import FactChange, Feed, Lead
from crm.services.history import lead_facts
from crm.services.lead_company import lead_company_set
from crm.services.leads import lead_update
from crm.views._asked import asker, changed, lead_seen, lead_to_edit
from crm.visibility import companies_visible_to
from kernel.errors import BadRequestError

PAGE_SIZE: Final = 50
# Follow from other fields: they change with these and cannot be given back on their own.
_DERIVED: Final = ("email_domain", "email_kind", "phone_kind", "is_suspect", "merged_into")
_PEOPLE: Final = ("owner",)
_COMPANIES: Final = ("company", "parent")


@dataclass(frozen=True, kw_only=True)
class ChangeShown:
    """One row of the history, in words."""

    pk: int
    label: str
    before: object
    after: object
    valid_at: datetime
    recorded_at: datetime
    who: str
    is_of_company: bool
    may_restore: bool


@login_required
@require_safe
def lead_facts_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Newest first, with the changes of the company where they touched this lead. Masked: without the values."""
    lead, user = lead_seen(request, pk), asker(request)
    rows = _of_lead(lead)
    page, next_url = _page(rows, request.GET.get("before", ""))
    editable = _restorable(lead, user) if may(user.role, Action.LEAD_EDIT) else {}
    context = {
        "lead": lead,
        "changes": _shown(page, user, editable),
        "next_url": next_url,
        "first_url": _first_url(request),
        "is_masked": not sees_personal_data(user.role),
        "title": _("How the facts changed"),
    }
    return render(request, "crm/facts/history.html", context)


@login_required
@require_POST
def lead_facts_restore(request: HttpRequest, pk: int, change: int) -> HttpResponse:
    """Give a field the value it had before a change: an edit like any other."""
    lead, user = lead_to_edit(request, pk), asker(request)
    row = get_object_or_404(FactChange, pk=change, subject_type=FactChange.Subject.LEAD, subject_id=lead.pk)
    if row.field not in _restorable(lead, user):
        raise Http404
    if row.field == "company":
        company_id = row.before if isinstance(row.before, int) else None
        lead_company_set(lead_id=lead.pk, company_id=company_id, by=user)
    else:
        lead_update(lead_id=lead.pk, values=_sent(row.field, row.before), by=user)
    sentence = _("%(field)s is what it was before.") % {"field": fact_label(row.field)}
    return changed(request, redirect("lead-facts-history", pk=pk), sentence, to="lead-facts-history", pk=pk)


def history_page(rows: QuerySet[FactChange], request: HttpRequest, user: User) -> dict[str, Any]:
    """A page of changes for the template, of whichever subject."""
    page, next_url = _page(rows, request.GET.get("before", ""))
    return {"changes": _shown(page, user, {}), "next_url": next_url, "first_url": _first_url(request)}


def _of_lead(lead: Lead) -> QuerySet[FactChange]:
    """The lead's own, and those of the companies it is or was with."""
    own = Q(subject_type=FactChange.Subject.LEAD, subject_id=lead.pk)
    moves = FactChange.objects.filter(own, field="company").values_list("before", "after")
    companies = {pk for pair in [(lead.company_id, None), *moves] for pk in pair if isinstance(pk, int)}
    of_company = Q(subject_type=FactChange.Subject.COMPANY, subject_id__in=companies)
    return FactChange.objects.filter(own | of_company).exclude(field__in=_DERIVED)


def _page(rows: QuerySet[FactChange], before: str) -> tuple[list[FactChange], str]:
    if (place := number_asked(before)) is not None:
        rows = rows.filter(pk__lt=place)
    found = list(rows.select_related("imported_by").order_by("-pk")[: PAGE_SIZE + 1])
    next_url = f"?before={found[PAGE_SIZE - 1].pk}" if len(found) > PAGE_SIZE else ""
    return found[:PAGE_SIZE], next_url


def _first_url(request: HttpRequest) -> str:
    return request.path if "before" in request.GET else ""


def _restorable(lead: Lead, user: User) -> Mapping[str, object]:
    """The fields this person may give a former value, with what they are now."""
    now = lead_facts(lead)
    kept = {*_DERIVED, *(() if reach(user.role, Action.LEAD_EDIT) is Reach.ALL else _PEOPLE)}
    gone = FactChange.objects.filter(subject_type=FactChange.Subject.LEAD, subject_id=lead.pk).exclude(field__in=now)
    fields = {**dict.fromkeys(gone.values_list("field", flat=True)), **now}
    return {name: value for name, value in fields.items() if name not in kept}


def _sent(field: str, value: object) -> dict[str, object]:
    group, dot, name = field.partition(".")
    if dot:
        return {group: {name: value}}
    if field == "owner":
        owner = User.objects.filter(pk=value, is_active=True).first() if isinstance(value, int) else None
        if value is not None and owner is None:
            raise BadRequestError(_("This colleague does not work here any more."), code="unknown_user")
        return {"owner": owner.email if owner else None}
    return {field: value}


def _shown(rows: Iterable[FactChange], user: User, now: Mapping[str, object]) -> list[ChangeShown]:
    page = list(rows)
    names = _Names(page, user)
    return [
        ChangeShown(
            pk=row.pk,
            label=fact_label(row.field),
            before=names.value(row.field, row.before),
            after=names.value(row.field, row.after),
            valid_at=row.valid_at,
            recorded_at=row.recorded_at,
            who=names.who(row),
            is_of_company=row.subject_type == FactChange.Subject.COMPANY,
            may_restore=row.subject_type == FactChange.Subject.LEAD
            and row.field in now
            and now[row.field] != row.before,
        )
        for row in page
    ]


class _Names:
    """What the ids on a page of changes are called: four queries, however many rows."""

    def __init__(self, rows: list[FactChange], user: User) -> None:
        by: dict[str, set[str]] = {"user": set(), "key": set(), "feed": set()}
        people: set[object] = set()
        companies: set[object] = set()
        for row in rows:
            kind, _colon, name = row.changed_by.partition(":")
            by.setdefault(kind, set()).add(name)
            people |= {row.before, row.after} if row.field in _PEOPLE else set()
            companies |= {row.before, row.after} if row.field in _COMPANIES else set()
        ids = {int(pk) for pk in by["user"] if pk.isdecimal()} | {pk for pk in people if isinstance(pk, int)}
        self.people = {each.pk: str(each) for each in User.objects.filter(pk__in=ids)}
        keys = ApiKey.objects.filter(pk__in=[int(pk) for pk in by["key"] if pk.isdecimal()])
        self.keys = dict(keys.values_list("pk", "name"))
        self.feeds = {each.slug: str(each) for each in Feed.objects.filter(slug__in=by["feed"])}
        seen = companies_visible_to(user).filter(pk__in=[pk for pk in companies if isinstance(pk, int)])
        self.companies = {each.pk: str(each) for each in seen}

    def who(self, row: FactChange) -> str:
        if row.imported_by is not None:
            return _("import of %(file)s") % {"file": row.imported_by.file_name}
        kind, _colon, name = row.changed_by.partition(":")
        pk = int(name) if name.isdecimal() else 0
        if kind == "user":
            return self.people.get(pk, _("somebody who is gone"))
        if kind == "key":
            return _("key %(name)s") % {"name": self.keys.get(pk, f"#{pk}")}
        return self.feeds.get(name, name) if name else _("the product")

    def value(self, field: str, value: object) -> object:
        if isinstance(value, int) and field in _PEOPLE:
            return self.people.get(value, f"#{value}")
        if isinstance(value, int) and field in _COMPANIES:
            return self.companies.get(value, f"#{value}")
        if field == "seniority" and isinstance(value, str):
            return SENIORITIES.get(value, value)
        return value_shown(value)


urlpatterns: list[URLPattern] = [
    path("leads/<int:pk>/facts-history/", lead_facts_history, name="lead-facts-history"),
    path("leads/<int:pk>/facts-history/<int:change>/restore/", lead_facts_restore, name="lead-facts-restore"),
]
