"""The page on which somebody leaves: what is theirs, who follows, and yes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import ApiKey, User
from accounts.rights import Action
from accounts.views.doors import page_for, who
from kernel.errors import LeadscoreError
from leadscore.leaving import SALES, belongings_of, may_let_leave, person_leave

NOBODY = "nobody"


class LeaveForm(forms.Form):
    """Who takes over; those of the same team stand first. Nobody is a choice to be made, not what happens by itself.

    Without anything to pass on nothing is asked.
    """

    successor = forms.ChoiceField(
        label=gettext_lazy("Who takes over"),
        error_messages={
            "required": gettext_lazy("Choose who takes over, or nobody."),
            "invalid_choice": gettext_lazy("Choose a rep or sales manager who works here, or nobody."),
        },
    )

    def __init__(self, leaver: User, *args: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        successor = self.fields["successor"]
        if not asks:
            del self.fields["successor"]
        elif isinstance(successor, forms.ChoiceField):
            people = [(str(user.pk), _label(user)) for user in successors_for(leaver)]
            nobody = (NOBODY, _("Nobody: deal the hand-offs anew"))
            successor.choices = [("", _("Choose …")), *people, nobody]

    def chosen(self) -> User | None:
        """Who was chosen; None for nobody."""
        choice = self.cleaned_data.get("successor", NOBODY)
        return None if choice == NOBODY else User.objects.get(pk=int(choice))


def successors_for(leaver: User) -> QuerySet[User]:
    """Who may take over, those of the leaver's team first."""
    is_of_team = Q(team=leaver.team_id) if leaver.team_id else Q(pk=None)
    return (
        User.objects.filter(is_active=True, role__in=SALES)
        .exclude(pk=leaver.pk)
        .select_related("team")
        .annotate(is_near=Case(When(is_of_team, then=Value(0)), default=Value(1), output_field=IntegerField()))
        .order_by("is_near", "name", "pk")
    )


def _label(user: User) -> str:
    """A colleague with role and team, so that two of one name can be told apart."""
    about = [str(user.get_role_display()), *([user.team.name] if user.team else [])]
    if user.absent_until is not None and user.absent_until > timezone.now().date():
        about.append(_("back on %(day)s") % {"day": date_format(user.absent_until, "DATE_FORMAT")})
    return f"{user} ({', '.join(about)})"


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Action.USER_MANAGE)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask who takes over, then let somebody go."""
    by = who(request)
    if not may_let_leave(by):
        raise Http404
    leaver = get_object_or_404(User.objects.select_related("team"), pk=pk)
    belongings = belongings_of(leaver)
    form = LeaveForm(leaver, request.POST if request.method == "POST" else None, asks=belongings.has_any)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                passed = person_leave(user=leaver, successor=form.chosen(), by=by)
            except LeadscoreError as error:
                form.add_error(None, error.detail)
                status = error.status
            else:
                messages.success(request, _said(leaver, passed.leads, passed.handoffs))
                return redirect("person", pk=pk)
    context = {
        "person": leaver,
        "form": form,
        "belongings": belongings,
        "keys": ApiKey.objects.filter(created_by=leaver, revoked_at=None).count(),
        "is_oneself": leaver.pk == by.pk,
    }
    return render(request, "people/leave.html", context, status=status)


def _said(leaver: User, leads: int, handoffs: int) -> str:
    parts = [
        ngettext("%(n)s lead", "%(n)s leads", leads) % {"n": leads},
        ngettext("%(n)s open hand-off", "%(n)s open hand-offs", handoffs) % {"n": handoffs},
    ]
    return _("%(person)s has left and can no longer sign in. Passed on: %(what)s.") % {
        "person": leaver,
        "what": ", ".join(parts),
    }
