"""The parts of the steps that are fetched or sent alone: the key, the demo company, and what polls."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import is_htmx
from accounts.models import User
from leadscore.first_run.company import demo_ask
from leadscore.first_run.forms import KeyForm
from leadscore.first_run.progress import arrivals, handoffs_shown, scores_shown
from leadscore.first_run.services import first_key_create
from leadscore.first_run.steps import Step, first_run
from leadscore.first_run.views.steps import setup_only


@setup_only
@never_cache
@require_POST
def key(request: HttpRequest) -> HttpResponse:
    """Make the first key and show it this once, in a line that can be pasted into a terminal."""
    form = KeyForm(request.POST)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        context["secret"] = first_key_create(feed=form.cleaned_data["feed"], by=cast(User, request.user))
        context["address"] = request.build_absolute_uri("/api/v1/leads")
    status = 422 if form.errors else 200
    if is_htmx(request):
        return render(request, "first_run/_key.html", context, status=status)
    run = first_run()
    page = {"run": run, "step": Step.LEADS.value, "before": run.before(Step.LEADS), "arrivals": arrivals(), **context}
    return render(request, "first_run/leads.html", page, status=status)


@setup_only
@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """Ask for the demo company; it comes in batch by batch."""
    demo_ask(by=cast(User, request.user))
    if is_htmx(request):
        return render(request, "first_run/_arrivals.html", {"arrivals": arrivals()})
    messages.success(request, _("The demo company is on its way: reload this page to see how far it is."))
    return redirect("first-run-step", step=Step.LEADS.value)


@setup_only
@never_cache
@require_safe
def arrived(request: HttpRequest) -> HttpResponse:
    """What has come in by now."""
    return render(request, "first_run/_arrivals.html", {"arrivals": arrivals()})


@setup_only
@never_cache
@require_safe
def scores(request: HttpRequest) -> HttpResponse:
    """The scores by now."""
    return render(request, "first_run/_scores.html", {"scores": scores_shown()})


@setup_only
@never_cache
@require_safe
def handoffs(request: HttpRequest) -> HttpResponse:
    """The hand-offs by now."""
    return render(request, "first_run/_queue.html", {"shown": handoffs_shown()})
