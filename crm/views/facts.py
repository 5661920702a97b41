"""The facts of a lead, card by card: shown, and edited in place or on a page of their own."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.asked import is_htmx, number_asked
from accounts.models import User
from crm.forms.facts import (
    CustomForm,
    FactsForm,
    LeadCompanyForm,
    PersonForm,
    attributes_form,
    owner_choices,
    qualification_form,
)
from crm.identity import read_email
from crm.models import AttributeDefinition, Lead
from crm.services.attributes import attribute_definitions
from crm.services.duplicate_notes import possible_duplicate_note
from crm.services.lead_company import lead_company_set
from crm.services.leads import lead_update
from crm.services.lookup import lead_ids_by_email
from crm.views._asked import (
    asker,
    changed,
    company_meant,
    lead_seen,
    lead_to_edit,
    owners_within_reach,
)
from crm.views._cards import PARTS, card_context, identity_context
from crm.visibility import leads_visible_to
from kernel.errors import BadRequestError, ConflictError

_TRIES: Final = 3


@login_required
@require_safe
def lead_facts(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """One card as it is: what stands there again when editing is given up."""
    lead = lead_seen(request, pk)
    context = card_context(request, lead, asker(request), part)
    if context["card"] is None:
        raise Http404
    return render(request, "crm/_facts_card.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lead_facts_edit(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """The form of one card; saved, the card again. What somebody else changed meanwhile is asked about."""
    if part not in PARTS:
        raise Http404
    user, lead = asker(request), lead_to_edit(request, pk)
    form = _form(part, lead, user, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if request.POST.get("duplicate_of"):
            return _duplicate_noted(request, lead)
        for _try in range(_TRIES):
            status = _save(form, part, lead, user)
            if status != 409:
                break
            # Changed under our hands: look again at what is there, which tells whether the same fields are meant.
            lead = lead_to_edit(request, pk)
            form = _form(part, lead, user, request.POST)
            if conflicts := form.overtaken():
                form = _form(part, lead, user, form.asked_again(request.POST))
                form.conflicts = conflicts
                break
        if status == 200:
            lead = lead_seen(request, pk)
            answer = render(request, "crm/_facts_saved.html", card_context(request, lead, user, part))
            return changed(request, answer, _("Saved. The score follows."), to="lead", pk=pk)
    context = {
        "lead": lead,
        "form": form,
        "part": part,
        "title": _title(part),
        "is_part": is_htmx(request),
    }
    template = "crm/facts/_form.html" if is_htmx(request) else "crm/facts/form.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_safe
def lead_pending(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the score is behind the facts: asked again and again until it is not, then the panels are fetched anew."""
    lead, user = lead_seen(request, pk), asker(request)
    return render(
        request, "crm/_lead_pending.html", {"lead": lead, "is_poll": True, **identity_context(request, lead, user)}
    )


def _form(part: str, lead: Lead, user: User, data: QueryDict | None) -> FactsForm:
    if part == "person":
        return PersonForm(data, lead=lead, owners=_owners(user, lead))
    if part == "company":
        return LeadCompanyForm(data, lead=lead)
    if part == "qualification":
        return qualification_form(data, lead)
    return attributes_form(data, lead, attribute_definitions(AttributeDefinition.Subject.LEAD))


def _owners(user: User, lead: Lead) -> dict[str, str] | None:
    people = owners_within_reach(user)
    return None if people is None else owner_choices(people, lead.owner)


def _save(form: FactsForm, part: str, lead: Lead, user: User) -> int:
    """200 where it is stored, 422 where something is wrong with it, 409 where the lead changed meanwhile."""
    if not form.is_valid():
        return 422
    if form.cleaned_data["revision"] != lead.revision and form.overtaken():
        return 409
    try:
        if isinstance(form, LeadCompanyForm):
            if "company" in form.touched():
                text = form.cleaned_data["company"].strip()
                company_id = company_meant(text, user).pk if text else None
                lead_company_set(lead_id=lead.pk, company_id=company_id, by=user, expected_revision=lead.revision)
        elif isinstance(form, PersonForm | CustomForm) and (values := form.values()):
            lead_update(lead_id=lead.pk, values=values, by=user, expected_revision=lead.revision)
    except BadRequestError as refused:
        form.refuse(refused.problems)
        return 422
    except ConflictError as refused:
        if refused.code == "stale_revision":
            return 409
        if refused.code == "email_taken":
            form.taken_by = _lead_of(str(form.cleaned_data.get("email", "")), user)
            form.add_error("email", _("This address is another lead's."))
        else:
            form.add_error(None, refused.detail)
        return 422
    return 200


def _lead_of(email: str, user: User) -> Lead | None:
    """Whose address it is, where the asker may see them."""
    found = lead_ids_by_email([read_email(email).key])
    return leads_visible_to(user).filter(pk__in=found.values()).first()


def _duplicate_noted(request: HttpRequest, lead: Lead) -> HttpResponse:
    other_id = number_asked(request.POST["duplicate_of"])
    if other_id is None:
        raise Http404
    other = lead_seen(request, other_id)
    possible_duplicate_note(lead_id=lead.pk, other_id=other.pk)
    answer = render(request, "crm/_facts_saved.html", card_context(request, lead, asker(request), "person"))
    sentence = _("Noted: the two stand among the possible duplicates now. Nothing else was changed.")
    return changed(request, answer, sentence, to="lead", pk=lead.pk)


def _title(part: str) -> str:
    return {
        "person": _("Person"),
        "company": _("Company"),
        "qualification": _("Qualification"),
        "attributes": _("More"),
    }[part]


urlpatterns: list[URLPattern] = [
    path("leads/<int:pk>/facts/<slug:part>/", lead_facts, name="lead-facts"),
    path("leads/<int:pk>/facts/<slug:part>/edit/", lead_facts_edit, name="lead-facts-edit"),
    path("leads/<int:pk>/pending/", lead_pending, name="lead-pending"),
]
