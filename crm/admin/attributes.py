"""Custom attributes that were agreed on, kept by whoever may; and those that are sent without anybody having named them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from accounts.rights import Action
from accounts.unfold import EditableAdmin, admin_user
from crm.forms.attributes import AttributeDefinitionForm
from crm.models import AttributeDefinition
from crm.services.attributes import attribute_define, attribute_undefine, attributes_unnamed
from kernel.errors import BadRequestError, ConflictError


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(EditableAdmin):
    """The key of a definition is what senders write: it never changes. Deleting one leaves every value as it is."""

    form = AttributeDefinitionForm
    manage_action = Action.ATTRIBUTE_MANAGE
    list_display = ("label", "subject", "key", "type", "position", "help_text")
    list_filter = ("subject", "type")
    search_fields = ("key", "label")
    list_before_template = "admin/crm/_unnamed_attributes.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("subject", "key") if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_manage(request)

    def delete_model(self, request: HttpRequest, obj: AttributeDefinition) -> None:
        attribute_undefine(definition_id=obj.pk, by=admin_user(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AttributeDefinition]) -> None:
        for definition in queryset:
            attribute_undefine(definition_id=definition.pk, by=admin_user(request))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """With the keys that are in use and that nobody named."""
        found = attributes_unnamed() if self._may_manage(request) else []
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "unnamed": found})
        return answer

    def get_urls(self) -> list[URLPattern]:
        define = path("define/", self.admin_site.admin_view(self.define), name="crm_attributedefinition_define")
        return [define, *super().get_urls()]

    def define(self, request: HttpRequest) -> HttpResponse:
        """Name a key in use with one click: its label and type are guessed, and can be mended in the form that follows."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self._may_manage(request):
            raise PermissionDenied
        subject = request.POST.get("subject", "")
        try:
            if subject not in AttributeDefinition.Subject.values:
                raise BadRequestError(_("Choose one of the attributes on the list."), code="not_a_choice")
            made = attribute_define(subject=subject, key=request.POST.get("key", ""), by=admin_user(request))
        except (BadRequestError, ConflictError) as refused:
            messages.error(request, refused.detail)
            return redirect("admin:crm_attributedefinition_changelist")
        messages.success(request, _("It is defined. Look whether name and type are right."))
        return redirect("admin:crm_attributedefinition_change", made.pk)
