"""People, teams, keys and the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApiKey, AuditEntry, Installation, Notification, SavedView, Team, User
from accounts.rights import Action
from accounts.services import api_key_revoke
from accounts.services.people import fields_open, person_change
from accounts.unfold import EditableAdmin, ReadOnlyAdmin, action, admin_user, display


@admin.register(User)
class UserAdmin(EditableAdmin):
    view_action = Action.USER_VIEW
    manage_action = Action.USER_MANAGE
    team_filter = "team"
    list_display = ("name", "email", "role", "team", "weekly_capacity", "absent_until", "is_active")
    list_filter = ("role", "team", "is_active")
    list_select_related = ("team",)
    search_fields = ("name", "email")
    fields = (
        "email",
        "name",
        "role",
        "team",
        ("weekly_capacity", "absent_from", "absent_until"),
        ("time_zone", "language"),
        "is_active",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """What stands in the service's list may be typed here too; who leaves has a page of their own."""
        open_fields = fields_open(person=obj, by=admin_user(request)) if obj else ()
        return tuple(name for name in flatten_fieldsets([("", {"fields": self.fields})]) if name not in open_fields)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin_user(request).is_administrator

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """There is one way to invite."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("person-invite")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        person_change(person_id=obj.pk, changes=changes, by=admin_user(request))


@admin.register(Team)
class TeamAdmin(EditableAdmin):
    view_action = Action.USER_VIEW
    team_filter = "pk"
    list_display = ("name", "created_at")
    search_fields = ("name",)


@admin.register(ApiKey)
class ApiKeyAdmin(EditableAdmin):
    """Keys are made and revoked, never changed: what a key may do is what it could do all its life."""

    view_action = Action.KEY_VIEW
    manage_action = Action.KEY_MANAGE
    team_filter = "created_by__team"
    list_display = ("name", "prefix", "feed", "shown_scopes", "shown_state", "last_used_at", "expires_at")
    list_filter = ("feed",)
    list_select_related = ("created_by",)
    search_fields = ("name", "feed", "prefix")
    fields = (
        "name",
        "prefix",
        "feed",
        "shown_scopes",
        "created_by",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
    )
    readonly_fields = fields
    actions_detail = ("revoke",)

    @display(description=gettext_lazy("may"))
    def shown_scopes(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @display(
        description=gettext_lazy("state"),
        label={"live": "success", "revoked": "danger", "expired": "warning"},
    )
    def shown_state(self, key: ApiKey) -> tuple[str, str]:
        if key.revoked_at:
            return "revoked", _("revoked")
        return ("live", _("live")) if key.is_live else ("expired", _("expired"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """There is one place where a secret is shown."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("key-new")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest, object_id: str | int) -> bool:
        return self._may_manage(request) and self.get_queryset(request).filter(pk=object_id, revoked_at=None).exists()

    @action(description=gettext_lazy("Revoke"), permissions=["revoke"], icon="block")
    def revoke(self, request: HttpRequest, object_id: int) -> HttpResponse:
        key = self.get_queryset(request).get(pk=object_id)
        question = self.confirmation(
            request,
            title=_("Revoke %(key)s") % {"key": key},
            text=_("Whoever sends with this key is refused from now on. This cannot be taken back."),
            button=_("Revoke the key"),
        )
        if question is not None:
            return question
        api_key_revoke(key_id=key.pk, by=admin_user(request))
        messages.success(request, _("The key is revoked: from now on it opens nothing."))
        return redirect("admin:accounts_apikey_changelist")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "subject_type", "subject_id", "shown_details")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("action", "subject_type", "=subject_id")

    @display(description=gettext_lazy("details"))
    def shown_details(self, entry: AuditEntry) -> str:
        return ", ".join(f"{name}: {value}" for name, value in entry.details.items() if value not in (None, "", []))[
            :160
        ]


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "kind", "read_at")
    list_select_related = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        return super().get_queryset(request).filter(Q(user=admin_user(request)) | Q(user__is_active=True))


@admin.register(Installation)
class InstallationAdmin(ReadOnlyAdmin):
    """Written by the first run."""

    view_action = Action.AUDIT_VIEW
    list_display = ("company", "time_zone", "finished_at")


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    """Made on the list pages."""

    view_action = Action.AUDIT_VIEW
    list_display = ("name", "page", "user", "is_shared")
    list_filter = ("page", "is_shared")
    list_select_related = ("user",)
    search_fields = ("name",)
