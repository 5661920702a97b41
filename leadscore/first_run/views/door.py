"""An installation without people: a page that leads nowhere but to the set-up link, and what that link opens."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import User
from kernel.errors import ConflictError, LeadscoreError
from leadscore.first_run.forms import AdministratorForm
from leadscore.first_run.link import HOURS, setup_key_check
from leadscore.first_run.services import administrator_create

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 (the path of a class)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The first administrator is made here by the holder of the link; once anybody is there the page is a way to sign in."""
    if User.objects.exists():
        return render(request, "first_run/closed.html", status=410)
    key = request.GET.get("key", "")
    refusal: LeadscoreError | None = None
    form = AdministratorForm(request.POST or None)
    try:
        if not key:
            return render(request, "first_run/door.html", {"hours": HOURS})
        setup_key_check(key)
        if request.method == "POST" and form.is_valid():
            user = administrator_create(key=key, **form.cleaned_data)
            login(request, user, backend=PASSWORD_BACKEND)
            return redirect("first-run")
    except ConflictError:
        # Somebody was quicker.
        return render(request, "first_run/closed.html", status=410)
    except LeadscoreError as error:
        refusal = error
    if refusal is not None:
        return render(request, "first_run/door.html", {"refusal": refusal, "hours": HOURS}, status=refusal.status)
    return render(request, "first_run/administrator.html", {"form": form}, status=422 if form.is_bound else 200)
