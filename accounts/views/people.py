"""Who works here: the list, one person, teams."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.asked import is_htmx, number_asked
from accounts.forms import PersonForm
from accounts.models import Team, User
from accounts.queries import people_listed, people_seen_by, teams_listed
from accounts.rights import Action, Reach, needs_second_factor, reach
from accounts.services.inviting import is_invited
from accounts.services.people import fields_open, person_change, second_factor_reset, team_save
from accounts.views.doors import page_for, page_of, refused, who
from kernel.errors import LeadscoreError


def administers(user: User) -> bool:
    """Whether somebody invites, edits and lets go anybody."""
    return reach(user.role, Action.USER_MANAGE) is Reach.ALL


@require_safe
@page_for(Action.USER_VIEW)
def people(request: HttpRequest) -> HttpResponse:
    user = who(request)
    search = request.GET.get("search", "").replace("\x00", "")[:200]
    team, with_left = request.GET.get("team", ""), request.GET.get("left") == "1"
    sees_all = reach(user.role, Action.USER_VIEW) is not Reach.TEAM
    shown = page_of(request, people_listed(user, search=search, team=team, with_left=with_left))
    context = {
        **shown,
        "search": search,
        "team": team,
        "with_left": with_left,
        "teams": Team.objects.all() if sees_all else [],
        "is_filtered": bool(search or team or with_left),
        "administers": administers(user),
    }
    return render(request, "people/_list.html" if is_htmx(request) else "people/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Action.USER_VIEW)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    user = who(request)
    shown = get_object_or_404(people_seen_by(user).select_related("team", "successor"), pk=pk)
    open_fields = fields_open(person=shown, by=user)
    if request.method == "POST" and not open_fields:
        raise Http404
    form = PersonForm(shown, open_fields, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person_change(person_id=shown.pk, changes=form.cleaned_data, by=user)
        except LeadscoreError as error:
            field = {"absence_open": "absent_until", "absence_backwards": "absent_until", "last_administrator": "role"}
            refused(form, error, field.get(error.code))
        else:
            messages.success(request, _("Saved."))
            return redirect("person", pk=shown.pk)
    context = {
        "person": people_listed(user, with_left=True).get(pk=shown.pk),
        "form": form if open_fields else None,
        "administers": administers(user),
        "is_invited": is_invited(shown),
        "is_oneself": shown.pk == user.pk,
        "needs_second_factor": needs_second_factor(shown.role),
    }
    return render(request, "people/person.html", context, status=422 if form.errors else 200)


@require_POST
@page_for(Action.USER_MANAGE)
def second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Reset somebody's two-step sign-in."""
    shown = get_object_or_404(people_seen_by(who(request)), pk=pk)
    if second_factor_reset(person_id=shown.pk, by=who(request)):
        messages.success(request, _("Two-step sign-in is reset: it is set up anew at the next sign-in."))
    else:
        messages.info(request, _("There was no second factor to reset."))
    return redirect("person", pk=shown.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Action.USER_VIEW)
def teams(request: HttpRequest) -> HttpResponse:
    """Every team with how many work in it; administrators make and rename."""
    user = who(request)
    if not administers(user):
        raise Http404
    problem, status = "", 200
    if request.method == "POST":
        team_id = number_asked(request.POST.get("team", ""))
        team = get_object_or_404(Team, pk=team_id) if team_id is not None else None
        try:
            team_save(
                name=request.POST.get("name", "").replace("\x00", "")[:200], by=user, team_id=team.pk if team else None
            )
        except LeadscoreError as error:
            problem, status = error.detail, error.status
        else:
            messages.success(request, _("The team is renamed.") if team else _("The team is made."))
            return redirect("teams")
    return render(request, "people/teams.html", {"teams": teams_listed(), "problem": problem}, status=status)


urlpatterns: list[URLPattern] = [
    path("people/", people, name="people"),
    path("people/teams/", teams, name="teams"),
    path("people/<int:pk>/", person, name="person"),
    path("people/<int:pk>/second-factor/", second_factor, name="person-second-factor"),
]
