"""The steps, each a page of its own. All of them are the administrators'."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rights import Action, may
from leadscore.first_run.forms import CompanyForm, InviteFormSet, KeyForm, PresetForm
from leadscore.first_run.inviting import Invited, people_invite
from leadscore.first_run.presets import preset_shown, presets_shown, rules_shown
from leadscore.first_run.progress import arrivals, handoffs_shown, scores_shown
from leadscore.first_run.services import company_set, first_run_end, preset_start, step_mark
from leadscore.first_run.steps import State, Step, first_run
from scoring.models import ScoringModel
from scoring.presets import PRESETS

View = Callable[..., HttpResponseBase]


def setup_only(view: View) -> View:
    """For whom the first run is; to everybody else there is no such page."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(cast(User, request.user).role, Action.SETUP):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@setup_only
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """On to the step that comes next."""
    return redirect("first-run-step", step=first_run().current)


@setup_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, step: str) -> HttpResponse:
    """One step. A form that is not in order comes back as it was filled in."""
    if step not in set(Step):
        raise Http404
    here = Step(step)
    context, answer = {
        Step.COMPANY: _company,
        Step.PEOPLE: _people,
        Step.PRESET: _preset,
        Step.LEADS: _leads,
        Step.SCORES: _scores,
        Step.QUEUE: _queue,
    }[here](request)
    if answer is not None:
        return answer
    run = first_run()
    shown = {"run": run, "step": here.value, "before": run.before(here), **context}
    status = 422 if request.method == "POST" and not context.get("handed_over") else 200
    return render(request, f"first_run/{here.value}.html", shown, status=status)


@setup_only
@require_POST
def skip(request: HttpRequest, step: str) -> HttpResponse:
    """Past a step; it stays in the list and can be taken later."""
    if step not in set(Step):
        raise Http404
    here = Step(step)
    step_mark(step=here, state=State.SKIPPED, by=cast(User, request.user))
    order = list(Step)
    after = order[min(order.index(here) + 1, len(order) - 1)]
    return redirect("first-run-step", step=after.value)


@setup_only
@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Put the list away."""
    first_run_end(by=cast(User, request.user))
    messages.info(request, _("The set-up list is put away. Everything in it is still under Leads, Scoring and Admin."))
    return redirect("home")


@setup_only
@require_safe
def preset(request: HttpRequest, slug: str) -> HttpResponse:
    """Every rule of a preset with its reason."""
    found = next((each for each in PRESETS if each.slug == slug), None)
    if found is None:
        raise Http404
    context = {"run": first_run(), "preset": preset_shown(found), "rules": rules_shown(slug)}
    return render(request, "first_run/reasons.html", context)


Answer = tuple[dict[str, Any], HttpResponse | None]


def _on(step: Step) -> HttpResponse:
    return redirect("first-run-step", step=step.value)


def _company(request: HttpRequest) -> Answer:
    user, installation = cast(User, request.user), first_run().installation
    is_new = not installation.company
    initial = {
        "company": installation.company,
        "time_zone": user.time_zone if is_new and installation.time_zone == "UTC" else installation.time_zone,
    }
    form = CompanyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        company_set(by=user, **form.cleaned_data)
        return {}, _on(Step.PEOPLE)
    return {"form": form, "guesses_zone": is_new and initial["time_zone"] == "UTC" and not form.is_bound}, None


def _people(request: HttpRequest) -> Answer:
    forms = InviteFormSet(request.POST or None)
    handed_over: list[Invited] = []
    if request.method == "POST" and forms.is_valid():
        if not forms.forms:
            # No page of ours sends no lines at all, so there is none to answer beside.
            return {}, _on(Step.PEOPLE)
        wanted = [form.cleaned_data for form in forms if form.cleaned_data.get("email")]
        done = people_invite(wanted, link_of=partial(_invitation_link, request), by=cast(User, request.user))
        for form in forms:
            sentence = done.refused.get(form.cleaned_data.get("email", ""))
            if sentence:
                form.add_error("email", sentence)
        handed_over = [one for one in done.invited if one.link]
        if done.invited and not handed_over:
            messages.success(request, _("The invitations are on their way."))
            return {}, _on(Step.PRESET)
        if not wanted:
            forms.forms[0].add_error("email", _("Type at least one address, or skip this step."))
    people = User.objects.filter(is_active=True).order_by("pk")
    return {"forms": forms, "people": people[:20], "handed_over": handed_over}, None


def _invitation_link(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("invitation", args=[token]))


def _preset(request: HttpRequest) -> Answer:
    live = ScoringModel.objects.exclude(active_version=None).select_related("active_version").first()
    form = PresetForm(request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            preset_start(slug=form.cleaned_data["preset"], by=cast(User, request.user))
            return {}, _on(Step.LEADS)
        form.add_error(None, _("Choose one of the six."))
    return {"form": form, "live": live, "presets": presets_shown()}, None


def _leads(request: HttpRequest) -> Answer:
    return {"form": KeyForm(), "arrivals": arrivals()}, None


def _scores(request: HttpRequest) -> Answer:
    return {"scores": scores_shown()}, None


def _queue(request: HttpRequest) -> Answer:
    if request.method == "POST":
        step_mark(step=Step.QUEUE, state=State.DONE, by=cast(User, request.user))
        return {}, redirect("queue")
    return {"shown": handoffs_shown()}, None
