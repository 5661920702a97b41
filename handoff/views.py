"""The queue and its decisions, and the hand-off on the lead page. Doors: the rules stand in services and queries."""

import hashlib
import json
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.asked import is_htmx, page_asked_from, way_back
from accounts.models import User
from accounts.rights import Action, Reach, may, reach, sees_personal_data
from crm.visibility import leads_visible_to
from handoff import wording
from handoff.forms import QueueFilterForm, RejectForm
from handoff.lifecycle import Move
from handoff.models import Handoff
from handoff.queries import (
    COUNT_CAP,
    PAGE_SIZE,
    Phase,
    QueuePage,
    Whose,
    decisions_of,
    lead_episodes,
    queue_page,
    stages_on_offer,
)
from handoff.services.deciding import handoff_accept, handoff_claim, handoff_reject, handoff_release
from kernel.errors import BadRequestError, ConflictError

FILTERS = ("whose", "phase", "search", "stage", "rating")


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The hand-offs that wait, best first; the part below the filters alone where htmx asks."""
    return _queue_response(request, request.GET)


@login_required
@require_safe
def queue_rows(request: HttpRequest) -> HttpResponse:
    """The same part, asked for again and again: 204 while it is what the asker has `seen`."""
    context = _queue_context(request, request.GET)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "handoff/_queue.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int, move: Move) -> HttpResponse:
    """Claim, release or accept; then back to where one was."""
    user = cast(User, request.user)
    verb = {Move.CLAIM: handoff_claim, Move.RELEASE: handoff_release, Move.ACCEPT: handoff_accept}[move]
    try:
        handoff = verb(handoff_id=pk, by=user)
    except Handoff.DoesNotExist:
        raise Http404 from None
    except ConflictError as conflict:
        return _refused(request, conflict)
    return _decided(request, wording.done(move, lead=_lead_name(user, handoff)))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why not, then reject. A page of its own without script, a dialog of the queue with it."""
    user = cast(User, request.user)
    handoff = get_object_or_404(Handoff.objects.select_related("lead"), pk=pk)
    # Whoever may not decide is refused before they are shown whose lead it is.
    if not may(user.role, Action.HANDOFF_DECIDE) or not (
        handoff.owner_id == user.pk or (user.team_id is not None and handoff.team_id == user.team_id)
    ):
        raise Http404
    form = RejectForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        # A colleague's is only told to be theirs, by the refusal; whose lead it is stays with its owner.
        name = _lead_name(user, handoff) if decisions_of(user, handoff) else _lead_number(handoff)
        context = {"form": form, "handoff": handoff, "lead_name": name, "next": way_back(request)}
        template = "handoff/_reject.html" if is_htmx(request) else "handoff/reject.html"
        return render(request, template, context, status=422 if request.method == "POST" else 200)
    try:
        reason = form.cleaned_data["reason"].slug
        handoff_reject(handoff_id=pk, by=user, reason=reason, note=form.cleaned_data["note"])
    except ConflictError as conflict:
        return _refused(request, conflict)
    return _decided(request, wording.done(Move.REJECT, lead=_lead_name(user, handoff)))


@login_required
@require_safe
def lead_handoff(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel of the lead page: where the hand-off stands, why this rep, what can be done, what happened."""
    user = cast(User, request.user)
    lead = get_object_or_404(leads_visible_to(user), pk=pk)
    context = {"lead": lead, "episodes": lead_episodes(user=user, lead_id=pk), "is_masked": _is_masked(user)}
    return render(request, "handoff/_lead_handoff.html", context)


def _queue_response(request: HttpRequest, params: QueryDict, *, notice: str = "", status: int = 200) -> HttpResponse:
    try:
        context = _queue_context(request, params)
    except BadRequestError as error:
        # A link that was kept for too long: the first page, and why.
        messages.warning(request, error.detail)
        return HttpResponseRedirect(reverse("queue"))
    template = "handoff/_queue.html" if is_htmx(request) else "handoff/queue.html"
    response = render(request, template, {**context, "notice": notice or context["notice"]}, status=status)
    # The same address answers with a page or a part of it.
    patch_vary_headers(response, ["HX-Request"])
    return response


def _queue_context(request: HttpRequest, params: QueryDict) -> dict[str, Any]:
    user = cast(User, request.user)
    whose, phase = _whose(user, params.get("whose", "")), _phase(params.get("phase", ""))
    stages = stages_on_offer()
    form = QueueFilterForm(params, stages=stages)
    filters = form.filters(whose=whose, phase=phase)
    page = queue_page(user=user, filters=filters, cursor=params.get("cursor", ""), size=PAGE_SIZE)
    kept = {name: value for name in FILTERS if (value := params.get(name, ""))}
    context = {
        "page": page,
        "filters": filters,
        "form": form,
        "notice": form.search_refusal(),
        "whose_on_offer": _whose_on_offer(user),
        "phases": [(Phase.UNDECIDED, _("To decide")), (Phase.ACCEPTED, _("Accepted"))],
        "is_masked": _is_masked(user),
        "decides": may(user.role, Action.HANDOFF_DECIDE),
        "count_cap": COUNT_CAP,
        "kept": kept,
        "here": urlencode({**kept, **({"cursor": params["cursor"]} if params.get("cursor") else {})}),
        **_page_links(page, kept),
    }
    rows = render_to_string("handoff/_rows.html", context, request)
    return {**context, "rows": rows, "seen": hashlib.sha256(rows.encode()).hexdigest()[:16]}


def _page_links(page: QueuePage, kept: dict[str, str]) -> dict[str, str]:
    def link(cursor: str) -> str:
        return f"{reverse('queue')}?{urlencode({**kept, 'cursor': cursor})}" if cursor else ""

    return {"next_url": link(page.next_cursor), "previous_url": link(page.previous_cursor)}


def _whose_on_offer(user: User) -> list[tuple[Whose, str]]:
    how_far = reach(user.role, Action.LEAD_VIEW)
    if how_far is Reach.OWN:
        return [(Whose.MINE, _("Mine")), (Whose.UNOWNED, _("Nobody's")), (Whose.ALL, _("All I can take"))]
    if how_far is Reach.TEAM:
        return [(Whose.MINE, _("Mine")), (Whose.UNOWNED, _("Nobody's")), (Whose.ALL, _("My team's"))]
    return [(Whose.ALL, _("All")), (Whose.UNOWNED, _("Nobody's"))]


def _whose(user: User, asked: str) -> Whose:
    offered = [whose for whose, _label in _whose_on_offer(user)]
    if asked in offered:
        return Whose(asked)
    # A manager begins with the team, a rep with their own.
    return Whose.MINE if reach(user.role, Action.LEAD_VIEW) is Reach.OWN else Whose.ALL


def _phase(asked: str) -> Phase:
    return Phase(asked) if asked in set(Phase) else Phase.UNDECIDED


def _decided(request: HttpRequest, sentence: str) -> HttpResponse:
    if not is_htmx(request):
        messages.success(request, sentence)
        return _back(request)
    response = _queue_response(request, _current_params(request))
    response["HX-Trigger"] = json.dumps({"toast": sentence, "decided": True})
    response["HX-Retarget"], response["HX-Reswap"] = "#queue", "outerHTML"
    return response


def _refused(request: HttpRequest, conflict: ConflictError) -> HttpResponse:
    """Say who was first, and show the queue as it is now."""
    if not is_htmx(request):
        messages.error(request, conflict.detail)
        return _back(request)
    response = _queue_response(request, _current_params(request), notice=conflict.detail, status=conflict.status)
    response["HX-Trigger"] = json.dumps({"decided": True})
    response["HX-Retarget"], response["HX-Reswap"] = "#queue", "outerHTML"
    return response


def _back(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(way_back(request) or reverse("queue"), status=303)


def _current_params(request: HttpRequest) -> QueryDict:
    """The filters of the page that htmx acts on."""
    return QueryDict(page_asked_from(request).query)


def _is_masked(user: User) -> bool:
    return not sees_personal_data(user.role)


def _lead_name(user: User, handoff: Handoff) -> str:
    return _lead_number(handoff) if _is_masked(user) else str(handoff.lead)


def _lead_number(handoff: Handoff) -> str:
    return _("Lead %(id)s") % {"id": handoff.lead_id}
