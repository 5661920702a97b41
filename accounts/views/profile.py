"""One's own profile, absence, notifications and notification settings."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.asked import number_asked
from accounts.forms import ProfileForm
from accounts.middleware import AFTER_KEY
from accounts.notifications import kinds, wording
from accounts.queries import notifications_of, unread_count
from accounts.rights import needs_second_factor
from accounts.services import notifications_read
from accounts.services.people import profile_change
from accounts.views.doors import PAGE_SIZE, refused, who
from kernel.errors import LeadscoreError


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = who(request)
    form = ProfileForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            profile_change(user=user, changes=form.changes())
        except LeadscoreError as error:
            refused(form, error, "absent_until")
        else:
            messages.success(request, _("Saved."))
            return redirect("profile")
    context = {
        "form": form,
        "kinds": [
            {"kind": kind, "is_shown": kind.key not in user.muted_kinds, "is_emailed": kind.key in user.emailed_kinds}
            for kind in kinds()
        ],
        "has_second_factor": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
        "needs_second_factor": needs_second_factor(user.role),
    }
    return render(request, "people/profile.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Unread first, then the latest."""
    user = who(request)
    before = number_asked(request.GET.get("before", ""))
    read = notifications_of(user).exclude(read_at=None)
    if before is not None:
        read, unread = read.filter(pk__lt=before), []
    else:
        unread = list(notifications_of(user).filter(read_at=None)[: PAGE_SIZE * 4])
    found = list(read[: PAGE_SIZE + 1])
    rows = [*unread, *found[:PAGE_SIZE]]
    context = {
        "rows": [{"notification": row, "text": wording(row.kind, row.params)} for row in rows],
        "unread": len(unread),
        "first_url": request.path if before is not None else "",
        "next_url": f"?before={found[PAGE_SIZE - 1].pk}" if len(found) > PAGE_SIZE else "",
    }
    return render(request, "people/notifications.html", context)


@login_required
@require_POST
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to what it is about."""
    row = get_object_or_404(notifications_of(who(request)), pk=pk)
    notifications_read(user=who(request), ids=[row.pk])
    is_ours = row.url and url_has_allowed_host_and_scheme(row.url, None)
    return redirect(row.url if is_ours and "stay" not in request.POST else "notifications")


@login_required
@require_POST
def notifications_all_read(request: HttpRequest) -> HttpResponse:
    notifications_read(user=who(request))
    messages.success(request, _("All are marked as read."))
    return redirect("notifications")


@never_cache
@login_required
@require_safe
def notification_bell(request: HttpRequest) -> HttpResponse:
    """The bell of the header, asked for once a minute."""
    return render(request, "people/_bell.html", {"unread": unread_count(who(request))})


@login_required
@require_safe
def second_factor_done(request: HttpRequest) -> HttpResponse:
    """Back to where somebody wanted to go before they were asked for a second factor."""
    after = request.session.pop(AFTER_KEY, "")
    return redirect(after if url_has_allowed_host_and_scheme(after, None) else "home")


urlpatterns: list[URLPattern] = [
    path("profile/", profile, name="profile"),
    path("profile/second-factor-done/", second_factor_done, name="second-factor-done"),
    path("notifications/", notifications, name="notifications"),
    path("notifications/bell/", notification_bell, name="notification-bell"),
    path("notifications/read/", notifications_all_read, name="notifications-read"),
    path("notifications/<int:pk>/", notification_open, name="notification-open"),
]
