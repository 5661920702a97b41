"""What people do to a company: its facts, whose it is, below whom it stands, and making two companies one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.rights import Action, may
from crm.forms.companies import CompanyForm
from crm.models import AttributeDefinition, Company, Lead
from crm.services.attributes import attribute_definitions
from crm.services.companies import company_update
from crm.services.company_edits import companies_merge, company_owner_set, company_parent_set
from crm.views._asked import asker, company_meant, owners_within_reach
from crm.visibility import companies_visible_to, sees_all_leads
from kernel.errors import BadRequestError, ConflictError


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def company_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The facts of a company; a domain that is another's says whose, and offers to make the two one."""
    company, user = _to_edit(request, pk), asker(request)
    form = _form(company, user, request.POST if request.method == "POST" else None)
    taken_by, status = None, 422 if request.method == "POST" else 200
    if form.is_valid() and (conflicts := form.overtaken()):
        form = _form(company, user, form.asked_again(request.POST))
        form.conflicts, status = conflicts, 409
    elif form.is_valid():
        try:
            if values := form.values():
                company_update(company_id=pk, values=values, by=user, refuses_taken_domain=True)
            if "owner" in form.touched():
                owner = User.objects.filter(email=form.cleaned_data["owner"], is_active=True).first()
                company_owner_set(company_id=pk, owner=owner, by=user)
        except BadRequestError as refused:
            form.refuse(refused.problems)
        except ConflictError as refused:
            form.add_error("domain" if refused.code == "domain_taken" else None, refused.detail)
            other = refused.extra.get("company")
            taken_by = companies_visible_to(user).filter(pk=other).first() if isinstance(other, int) else None
        else:
            messages.success(request, _("Saved. The scores of its leads follow."))
            return redirect("company", pk=pk)
    context = {"company": company, "form": form, "taken_by": taken_by, "may_merge": _may_merge(user)}
    return render(request, "crm/companies/edit.html", {**context, "title": _("Edit")}, status=status)


@login_required
@require_POST
def company_parent(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the company below another, by its name, its domain or as offered; blank takes it out."""
    company, user = _to_edit(request, pk), asker(request)
    text = request.POST.get("parent", "").replace("\0", "").strip()
    try:
        parent = company_meant(text, user) if text else None
        company_parent_set(company_id=company.pk, parent_id=parent.pk if parent else None, by=user)
    except (BadRequestError, ConflictError) as refused:
        messages.error(request, refused.detail)
    else:
        sentence = _("It belongs to %(parent)s now.") % {"parent": parent} if parent else _("It stands on its own now.")
        messages.success(request, sentence)
    return redirect("company", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def company_merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Say what moves and what is lost, then move everything of this company to the other."""
    user = asker(request)
    if not _may_merge(user):
        raise PermissionDenied
    visible = companies_visible_to(user)
    company, survivor = get_object_or_404(visible, pk=pk), get_object_or_404(visible, pk=other)
    if request.method == "POST":
        companies_merge(survivor_id=survivor.pk, merged_id=company.pk, by=user)
        messages.success(request, _("The two are one now. The scores of the leads follow."))
        return redirect("company", pk=survivor.pk)
    context = {
        "company": company,
        "survivor": survivor,
        "leads": Lead.objects.filter(company=company, merged_into=None).count(),
        "title": _("Make two companies one"),
    }
    return render(request, "crm/companies/merge.html", context)


def _form(company: Company, user: User, data: QueryDict | None) -> CompanyForm:
    definitions = attribute_definitions(AttributeDefinition.Subject.COMPANY)
    return CompanyForm(data, company=company, definitions=definitions, people=owners_within_reach(user))


def _to_edit(request: HttpRequest, pk: int) -> Company:
    user = asker(request)
    company: Company = get_object_or_404(companies_visible_to(user).select_related("owner", "parent"), pk=pk)
    if not may(user.role, Action.LEAD_EDIT):
        raise PermissionDenied
    return company


def _may_merge(user: User) -> bool:
    """Whoever may merge leads and sees all of them: a company's leads are many teams'."""
    return may(user.role, Action.LEAD_MERGE) and sees_all_leads(user)


urlpatterns: list[URLPattern] = [
    path("companies/<int:pk>/edit/", company_edit, name="company-edit"),
    path("companies/<int:pk>/parent/", company_parent, name="company-parent"),
    path("companies/<int:pk>/merge/<int:other>/", company_merge, name="company-merge"),
]
