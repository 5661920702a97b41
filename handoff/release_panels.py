"""What an import or a publication holds back, how many hand-offs it would open, and letting them go: panels of their pages."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import is_htmx, number_asked, page_asked_from, way_back
from accounts.models import User
from accounts.rights import Action, may
from crm.models import Import
from handoff.models import Release
from handoff.services.dealing import capacity_a_day
from handoff.services.estimating import handoffs_would_open_of
from handoff.services.release_state import release_state
from handoff.services.releasing import (
    MOST_A_DAY,
    import_release,
    import_release_stop,
    may_release,
    may_release_versions,
    version_release,
    version_release_stop,
)
from kernel.errors import LeadscoreError
from scoring.models import MatrixVersion
from scoring.workbench_shown.impact import entering_ids


@login_required
@require_safe
def import_handoffs(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel of an import: how many leads it holds back, and what becomes of them."""
    user = cast(User, request.user)
    if not (may_release(user) or may(user.role, Action.IMPORT_VIEW)):
        raise Http404
    brought = get_object_or_404(Import, pk=pk)
    context = {
        "brought": brought,
        "state": release_state(brought),
        "releases": may_release(user),
        "here": _page_address(request),
        "most": MOST_A_DAY,
    }
    return render(request, "handoff/_import_handoffs.html", context)


@login_required
@require_POST
def import_handoffs_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand off all that an import holds back, the best so many a day, or stop doing so."""
    user = cast(User, request.user)
    if not may_release(user):
        raise Http404
    get_object_or_404(Import, pk=pk)
    return _released(
        request,
        release=lambda per_day: import_release(import_id=pk, per_day=per_day, by=user),
        stop=lambda: import_release_stop(import_id=pk, by=user),
    )


@login_required
@require_safe
def version_handoffs(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel of a version: how many hand-offs would open by it, or how many leads it holds back."""
    user = cast(User, request.user)
    if not may(user.role, Action.MATRIX_VIEW):
        raise Http404
    version = get_object_or_404(MatrixVersion.objects.select_related("model__active_version"), pk=pk)
    context: dict[str, Any] = {
        "version": version,
        "releases": may_release_versions(user),
        "here": _page_address(request),
        "most": MOST_A_DAY,
    }
    if version.published_at is not None:
        state = release_state(version)
        context |= {"state": state, "is_polled": state.is_moving}
    else:
        entering, offer = entering_ids(version), capacity_a_day(now=timezone.now())
        opening = None if entering is None else handoffs_would_open_of(entering)
        days = -(-(opening or 0) // max(offer, 1))
        context |= {"opening": opening, "offer": offer, "days": days, "is_polled": opening is None}
    return render(request, "handoff/_version_handoffs.html", context)


@login_required
@require_POST
def version_handoffs_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand off all that a publication holds back, the best so many a day, or stop doing so."""
    user = cast(User, request.user)
    if not may_release_versions(user):
        raise Http404
    get_object_or_404(MatrixVersion, pk=pk)
    return _released(
        request,
        release=lambda per_day: version_release(version_id=pk, per_day=per_day, by=user),
        stop=lambda: version_release_stop(version_id=pk, by=user),
    )


def _released(
    request: HttpRequest, *, release: Callable[[int | None], Release], stop: Callable[[], Release]
) -> HttpResponse:
    """What the form of a panel asks, done; then back to where one was."""
    pace = request.POST.get("pace", "")
    try:
        if pace == "stop":
            stop()
            messages.success(request, _("Stopped: what is not handed off yet is held back."))
        else:
            release(None if pace == "all" else _a_day(request))
            messages.success(request, _("They come into the queue in a moment, the best first."))
    except LeadscoreError as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(way_back(request) or reverse("queue"), status=303)


def _page_address(request: HttpRequest) -> str:
    """The page this is a part of, to come back to: the one that htmx asks from, else the one that is being made."""
    return page_asked_from(request).geturl() if is_htmx(request) else request.get_full_path()


def _a_day(request: HttpRequest) -> int:
    """What was typed; 0, which is refused with a sentence, where it is no number."""
    return number_asked(request.POST.get("per_day", "").strip()) or 0
