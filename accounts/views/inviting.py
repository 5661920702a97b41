"""Invitations: sent, sent again, taken back, accepted."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import AcceptForm, InvitationForm
from accounts.models import User
from accounts.rights import Action
from accounts.services.inviting import (
    INVITATION_DAYS,
    invitation_accept,
    invitation_find,
    invitation_renew,
    invitation_revoke,
    invitation_send,
    invitation_token,
    person_invite,
)
from accounts.views.doors import page_for, refused, who
from accounts.views.people import administers
from kernel.errors import InvalidError, LeadscoreError

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 (the path of a class)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Action.USER_MANAGE)
def invite(request: HttpRequest) -> HttpResponse:
    user = who(request)
    if not administers(user):
        raise Http404
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            person = person_invite(email=fields.pop("email"), fields=fields, by=user)
        except LeadscoreError as error:
            refused(form, error, "email")
        else:
            return _sent(request, person)
    return render(request, "people/invite.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@page_for(Action.USER_MANAGE)
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link; the one before ends. Also for who left and comes back."""
    get_object_or_404(User, pk=pk)
    return _sent(request, invitation_renew(person_id=pk, by=who(request)))


@require_POST
@page_for(Action.USER_MANAGE)
def invite_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(User, pk=pk)
    person = invitation_revoke(person_id=pk, by=who(request))
    messages.success(request, _("The invitation of %(name)s is taken back: its link opens nothing.") % {"name": person})
    return redirect("people")


def _sent(request: HttpRequest, person: User) -> HttpResponse:
    """What became of the link: mailed, or shown this once where no mail reaches anybody."""
    link = request.build_absolute_uri(reverse("invitation", args=[invitation_token(person)]))
    is_mailed = invitation_send(person=person, link=link, by=who(request))
    context = {"person": person, "link": "" if is_mailed else link, "days": INVITATION_DAYS}
    answer = render(request, "people/invited.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: a name, a password, and in."""
    try:
        person = invitation_find(token)
    except InvalidError as error:
        return _over(request, error)
    form = AcceptForm(request.POST or None, initial={"name": person.name, "time_zone": person.time_zone})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            person = invitation_accept(
                token=token, name=typed["name"], password=typed["password"], time_zone=typed["time_zone"]
            )
        except InvalidError as error:
            if error.code != "password_weak":
                return _over(request, error)
            refused(form, error, "password")
        else:
            # Whoever was signed in at this browser is somebody else.
            logout(request)
            login(request, person, backend=PASSWORD_BACKEND)
            # They chose the password a moment ago: setting up the second factor need not ask for it again.
            record_authentication(request, person, "password", reauthenticated=True)
            messages.success(request, _("Welcome, %(name)s.") % {"name": person.get_short_name()})
            return redirect("home")
    context = {"form": form, "person": person}
    return render(request, "people/accept.html", context, status=422 if form.errors else 200)


def _over(request: HttpRequest, error: InvalidError) -> HttpResponse:
    answer = render(request, "people/invitation_over.html", {"refusal": error}, status=410)
    # Django logs refusals with their whole path, and a link that is not whole may lack one letter.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # read by django.utils.log
    return answer


urlpatterns: list[URLPattern] = [
    path("people/invite/", invite, name="person-invite"),
    path("people/<int:pk>/invite/", invite_again, name="person-invite-again"),
    path("people/<int:pk>/revoke/", invite_revoke, name="person-invite-revoke"),
    path("invitation/<str:token>/", invitation, name="invitation"),
]
