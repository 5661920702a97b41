"""API keys: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import NewApiKeyForm
from accounts.models import Scope
from accounts.queries import keys_seen_by
from accounts.rights import Action, may
from accounts.services import api_key_create, api_key_revoke
from accounts.views.doors import page_for, refused, who
from kernel.errors import LeadscoreError

KEYS_SHOWN = 500


@require_safe
@page_for(Action.KEY_VIEW)
def keys(request: HttpRequest) -> HttpResponse:
    """Live ones first; the oldest revoked ones are found in the records."""
    user = who(request)
    shown = sorted(keys_seen_by(user)[:KEYS_SHOWN], key=lambda key: not key.is_live)
    context = {"keys": shown, "labels": dict(Scope.choices), "manages": may(user.role, Action.KEY_MANAGE)}
    return render(request, "people/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Action.KEY_MANAGE)
def key_new(request: HttpRequest) -> HttpResponse:
    """The answer to the form holds the secret: it is in no message, no address and no copy a browser keeps."""
    user = who(request)
    form = NewApiKeyForm(user.role, request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            key, secret = api_key_create(
                name=typed["name"], feed=typed["feed"], scopes=typed["scopes"], by=user, expires_at=typed["expires_on"]
            )
        except LeadscoreError as error:
            refused(form, error, "scopes")
        else:
            context = {"key": key, "secret": secret, "curl": _curl(request, secret, typed["scopes"])}
            answer = render(request, "people/key_made.html", context)
            answer["Cache-Control"] = "no-store"
            return answer
    return render(request, "people/key_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Action.KEY_MANAGE)
def key_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(keys_seen_by(who(request)), pk=pk)
    if request.method != "POST":
        return render(request, "people/key_revoke.html", {"key": key})
    if api_key_revoke(key_id=key.pk, by=who(request)):
        messages.success(request, _("The key is revoked: from now on it opens nothing."))
    else:
        messages.info(request, _("This key was revoked before."))
    return redirect("keys")


def _curl(request: HttpRequest, secret: str, scopes: list[str]) -> str:
    """A first call that this key may make, ready to paste."""
    if Scope.CRM_SYNC in scopes:
        call, body = "leads", '{"external_id": "example-1", "email": "ada@mill.example", "first_name": "Ada"}'
    elif Scope.ACTIVITIES_WRITE in scopes:
        call, body = (
            "activities",
            '{"message_id": "example-1", "lead": {"email": "ada@mill.example"}, "kind": "page_view", '
            '"occurred_at": "\'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"\'", "url": "https://www.example.com/pricing"}',
        )
    else:
        # A tracker sends from a web page, not from a shell.
        return ""
    return " \\\n  ".join(
        [
            f"curl --fail-with-body {request.build_absolute_uri(f'/api/v1/{call}')}",
            f"--header 'Authorization: Bearer {secret}'",
            "--header 'Content-Type: application/json'",
            f"--data '{body}'",
        ]
    )


urlpatterns: list[URLPattern] = [
    path("keys/", keys, name="keys"),
    path("keys/new/", key_new, name="key-new"),
    path("keys/<int:pk>/revoke/", key_revoke, name="key-revoke"),
]
