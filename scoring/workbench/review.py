"""The review tab: submit, sign, publish now or at a time, roll back, look again. A page of its own where script is off."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import is_htmx
from accounts.unfold import admin_user
from kernel.errors import BadRequestError, ConflictError, InvalidError, LeadscoreError
from scoring.forms import LookForm, PublicationForm, ReasonForm, WarningReasonForm
from scoring.models import MatrixVersion
from scoring.services.accepting import finding_accept
from scoring.services.looking_again import version_review
from scoring.services.planned import plan_call_off, version_plan
from scoring.services.publication import version_publish
from scoring.services.reviewing import version_submit, version_withdraw
from scoring.services.rolling_back import version_roll_back
from scoring.services.signatures import signature_withdraw, version_sign
from scoring.workbench.access import editor_required, reader_required, version_or_404
from scoring.workbench_shown.review import review_shown

# What the tab itself says; anything else is said as every refusal is.
REFUSALS = (BadRequestError, ConflictError, InvalidError)


@reader_required
@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    return _tab(request, version_or_404(pk))


@editor_required
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    version = version_or_404(pk)
    try:
        version_submit(version_id=version.pk, by=admin_user(request))
    except REFUSALS as refusal:
        return _refused(request, pk, refusal)
    return _elsewhere(request, pk, _("In review: sales and marketing sign now."))


@editor_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    version = version_or_404(pk)
    try:
        version_withdraw(version_id=version.pk, by=admin_user(request))
    except REFUSALS as refusal:
        return _refused(request, pk, refusal)
    return _elsewhere(request, pk, _("It is a draft again."))


@editor_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the reason why a warning is lived with."""
    version = version_or_404(pk)
    form = WarningReasonForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, _invalid(form))
    try:
        finding_accept(
            version_id=version.pk,
            code=form.cleaned_data["code"],
            criteria=form.cleaned_data["criteria"].split(),
            reason=form.cleaned_data["reason"],
            by=admin_user(request),
        )
    except REFUSALS as refusal:
        return _refused(request, pk, refusal)
    return _done(request, pk, _("The reason is kept."))


@editor_required
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign what was shown: the form carries its checksum."""
    version = version_or_404(pk)
    try:
        version_sign(version_id=version.pk, by=admin_user(request), checksum=request.POST.get("checksum", ""))
    except REFUSALS as refusal:
        return _refused(request, pk, refusal)
    return _done(request, pk, _("Signed."))


@editor_required
@require_POST
def unsign(request: HttpRequest, pk: int) -> HttpResponse:
    version = version_or_404(pk)
    try:
        signature_withdraw(version_id=version.pk, by=admin_user(request))
    except REFUSALS as refusal:
        return _refused(request, pk, refusal)
    return _done(request, pk, _("Your signature is taken back."))


@editor_required
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish now, or at the time that was chosen."""
    version, user = version_or_404(pk), admin_user(request)
    form = PublicationForm(request.POST, needs_reason=review_shown(version, user).can.needs_reason)
    if not form.is_valid():
        return _tab(request, version, form=form, status=InvalidError.status)
    try:
        if form.is_planned:
            plan = version_plan(version_id=pk, by=user, at=form.cleaned_data["at"], **form.terms())
            at = date_format(localtime(plan.at), "SHORT_DATETIME_FORMAT")
            return _done(request, pk, _("It goes live on %(at)s.") % {"at": at})
        run = version_publish(version_id=pk, by=user, **form.terms())
    except REFUSALS as refusal:
        return _refused(request, pk, refusal, form=form)
    told = _("%(version)s judges from now on; %(count)s leads follow.") % {
        "version": version,
        "count": f"{run.total:,}",
    }
    return _elsewhere(request, pk, told)


@editor_required
@require_POST
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    version = version_or_404(pk)
    try:
        plan_call_off(version_id=version.pk, by=admin_user(request))
    except REFUSALS as refusal:
        return _refused(request, pk, refusal)
    return _done(request, pk, _("Called off: nothing is planned any more."))


@editor_required
@require_POST
def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a version equal to this one, submit it, and where an administrator says why, publish it."""
    version = version_or_404(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, _invalid(form))
    try:
        made = version_roll_back(version_id=version.pk, by=admin_user(request), reason=form.cleaned_data["reason"])
    except REFUSALS as refusal:
        return _refused(request, pk, refusal)
    if made.state == MatrixVersion.State.PUBLISHED:
        told = _("Version %(made)s, equal to version %(old)s, judges from now on.")
    else:
        told = _("Version %(made)s, equal to version %(old)s, waits for the signatures of sales and marketing.")
    return _elsewhere(request, made.pk, told % {"made": made.number, "old": version.number})


@editor_required
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that somebody looked whether the published version still serves."""
    version = version_or_404(pk)
    form = LookForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, _invalid(form))
    try:
        version_review(version_id=version.pk, by=admin_user(request), note=form.cleaned_data["note"])
    except REFUSALS as refusal:
        return _refused(request, pk, refusal)
    return _done(request, pk, _("The review is kept; the next one is due in a quarter."))


def _tab(
    request: HttpRequest,
    version: MatrixVersion,
    *,
    form: PublicationForm | None = None,
    refusal: LeadscoreError | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = review_shown(version, admin_user(request))
    context = {
        "version": version,
        "shown": shown,
        "form": form or PublicationForm(needs_reason=shown.can.needs_reason),
        "is_asked": form is not None or "publish" in request.GET,
        "refusal": refusal,
    }
    template = "workbench/_review.html" if is_htmx(request) else "workbench/review.html"
    return render(request, template, context, status=status)


def _refused(
    request: HttpRequest, pk: int, refusal: LeadscoreError, *, form: PublicationForm | None = None
) -> HttpResponse:
    """The tab as it is by now, and why it was refused."""
    return _tab(request, version_or_404(pk), form=form, refusal=refusal, status=refusal.status)


def _done(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """The tab as it is now; what else stands on the page hears of it by the next look at the revision."""
    if not is_htmx(request):
        messages.success(request, sentence)
        return HttpResponseRedirect(reverse("workbench-review", args=[pk]), status=303)
    response = _tab(request, version_or_404(pk))
    response["HX-Trigger"] = json.dumps({"toast": sentence})
    return response


def _elsewhere(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """The whole page anew: what may be done on it is something else now."""
    messages.success(request, sentence)
    if not is_htmx(request):
        return HttpResponseRedirect(reverse("workbench-review", args=[pk]), status=303)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = f"{reverse('workbench', args=[pk])}?tab=review"
    return response


def _invalid(form: ReasonForm | LookForm) -> InvalidError:
    told = [str(each) for errors in form.errors.values() for each in errors]
    return InvalidError(" ".join(told), code="invalid")


urlpatterns: list[URLPattern] = [
    path("<int:pk>/review/", review, name="workbench-review"),
    path("<int:pk>/review/submit/", submit, name="workbench-submit"),
    path("<int:pk>/review/withdraw/", withdraw, name="workbench-withdraw"),
    path("<int:pk>/review/accept/", accept, name="workbench-accept"),
    path("<int:pk>/review/sign/", sign, name="workbench-sign"),
    path("<int:pk>/review/unsign/", unsign, name="workbench-unsign"),
    path("<int:pk>/review/publish/", publish, name="workbench-publish"),
    path("<int:pk>/review/call-off/", call_off, name="workbench-call-off"),
    path("<int:pk>/review/roll-back/", roll_back, name="workbench-roll-back"),
    path("<int:pk>/review/look/", look, name="workbench-look"),
]
