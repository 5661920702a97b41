"""People, teams, keys and the audit log."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.forms import ResetPasswordForm
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.forms import ModelForm, MultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import InvitationForm, NewApiKeyForm
from accounts.models import ApiKey, AuditEntry, Notification, Scope, Team, User
from accounts.rights import Action, scopes_to_give
from accounts.services import api_key_create, audit_record
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
        ("weekly_capacity", "absent_until"),
        ("time_zone", "language"),
        "is_active",
    )

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        if obj is None:
            kwargs["form"] = InvitationForm
        form: type[ModelForm[Any]] = super().get_form(request, obj, change, **kwargs)
        return form

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        return list(InvitationForm.Meta.fields) if obj is None else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """A manager arranges the work of the team; who somebody is and may do stays with administrators."""
        return () if admin_user(request).is_administrator else ("email", "role", "team", "is_active")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin_user(request).is_administrator

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            invitation = ResetPasswordForm(data={"email": obj.email})
            if invitation.is_valid():
                invitation.save(request)
            messages.info(request, _("%(email)s was sent a link to choose a password.") % {"email": obj.email})


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

    def get_form(
        self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        if obj is None:
            kwargs["form"] = NewApiKeyForm
        form: type[ModelForm[Any]] = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            given = scopes_to_give(admin_user(request).role)
            scopes = cast(MultipleChoiceField, form.base_fields["scopes"])
            scopes.choices = [choice for choice in Scope.choices if choice[0] in given]
        return form

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:
        return list(NewApiKeyForm.Meta.fields) if obj is None else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return () if obj is None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        made, secret = api_key_create(
            name=obj.name, feed=obj.feed, scopes=obj.scopes, by=admin_user(request), expires_at=obj.expires_at
        )
        obj.pk = made.pk
        messages.warning(request, _("Copy the key now, it is not shown again: %(secret)s") % {"secret": secret})

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        return redirect("admin:accounts_apikey_changelist")

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
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at", "updated_at"])
        audit_record(action="api_key.revoke", subject_type="api_key", subject_id=key.pk, actor=admin_user(request))
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
