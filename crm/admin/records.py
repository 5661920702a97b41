"""What we know, as it stands in the tables: read-only, for everything is written by the services that keep its history."""

from collections.abc import Callable
from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from accounts.rights import Action, Reach, may
from accounts.unfold import EditableAdmin, ReadOnlyAdmin, ReadOnlyInline, action, admin_user, display, lead_link
from crm.forms.erasure import ErasureForm
from crm.models import (
    Activity,
    ActivityKind,
    Company,
    DuplicateSweep,
    ExternalId,
    FactChange,
    Feed,
    Lead,
    LeadMerge,
    LikenessKey,
    PossibleDuplicate,
    Quarantine,
    Tombstone,
    Work,
)
from crm.queries import unmapped_kinds
from crm.search import leads_found
from crm.services.activities import OWN_FEED
from crm.services.erasure import lead_erase
from crm.services.quarantine import quarantine_replay, quarantine_settle
from crm.visibility import leads_visible_to
from kernel.errors import ConflictError

Verb = Callable[..., Quarantine]


class OfLeadsAdmin(ReadOnlyAdmin):
    """Rows that belong to leads: who sees only some leads sees only their rows. `lead_lookup` leads to the lead."""

    lead_lookup: ClassVar[str] = "lead"
    view_action = Action.LEAD_VIEW

    def get_queryset(self, request: HttpRequest) -> QuerySet:  # type: ignore[type-arg]  # of whichever model is shown
        rows = super().get_queryset(request)
        if self._reach(request, Action.LEAD_VIEW) in {Reach.ALL, Reach.ALL_MASKED}:
            return rows
        return rows.filter(**{f"{self.lead_lookup}__in": leads_visible_to(admin_user(request), is_list=True)})


class ExternalIdInline(ReadOnlyInline):
    model = ExternalId
    fields = ("feed", "external_id", "created_at")


@admin.register(Lead)
class LeadAdmin(OfLeadsAdmin):
    lead_lookup = "pk"
    personal_fields = ("__str__", "email", "first_name", "last_name", "phone", "city", "attributes", "qualification")
    list_display = ("pk", "__str__", "email", "title", "company", "country", "source", "owner", "created_at")
    list_display_links = ("pk", "__str__")
    list_filter = ("seniority", "email_kind", "is_suspect")
    list_select_related = ("company", "owner")
    search_fields = ("email", "first_name", "last_name")
    inlines = (ExternalIdInline,)
    view_on_site = False
    actions_detail = ("open_page", "erase")

    def get_list_display_links(self, request: HttpRequest, list_display: object) -> list[str]:
        return ["pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lead], search_term: str
    ) -> tuple[QuerySet[Lead], bool]:
        """As the list of leads is searched, by its index; who sees no names has no search."""
        if not self.get_search_fields(request):
            return queryset, False
        return leads_found(queryset, search_term, is_masked=False), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Lead | None:
        """For those who see leads masked the name goes, from the page's title too; nothing of it is ever saved."""
        lead: Lead | None = super().get_object(request, object_id, from_field)
        if lead is not None and self._hides(request):
            lead.first_name = lead.last_name = lead.email = ""
        return lead

    def get_inlines(self, request: HttpRequest, obj: Lead | None) -> tuple[type[ReadOnlyInline], ...]:
        return () if self._hides(request) else self.inlines

    @action(description=gettext_lazy("Open the lead's page"), icon="open_in_new")
    def open_page(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        return redirect("lead", pk=object_id)

    def get_urls(self) -> list[URLPattern]:
        erasure = path("<int:pk>/erase/", self.admin_site.admin_view(self.erasure), name="crm_lead_erasure")
        return [erasure, *super().get_urls()]

    def has_erase_permission(self, request: HttpRequest, object_id: str | int) -> bool:
        return may(admin_user(request).role, Action.PERSON_ERASE)

    @action(description=gettext_lazy("Erase this person …"), permissions=["erase"], icon="delete_forever")
    def erase(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        return redirect("admin:crm_lead_erasure", pk=object_id)

    def erasure(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what goes, ask for the lead's number, erase."""
        lead = self.get_queryset(request).filter(pk=pk).first()
        if lead is None or not self.has_erase_permission(request, pk):
            raise Http404
        form = ErasureForm(request.POST or None, lead_id=pk)
        if form.is_valid():
            lead_erase(lead_id=pk, by=admin_user(request))
            messages.success(request, _("Lead #%(number)s is erased.") % {"number": pk})
            return redirect("admin:crm_lead_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": lead,
            "title": _("Erase lead #%(number)s") % {"number": pk},
            "form": form,
        }
        return render(request, "admin/crm/erasure.html", context)


@admin.register(Company)
class CompanyAdmin(ReadOnlyAdmin):
    list_display = ("name", "domain", "industry", "country", "employees", "owner")
    list_filter = ("industry",)
    list_select_related = ("owner",)
    search_fields = ("name", "domain")


@admin.register(Activity)
class ActivityAdmin(OfLeadsAdmin):
    # The column links to the lead by its number; the form would print the name.
    exclude = ("lead",)
    personal_fields = ("properties", "visitor", "subject", "url")
    list_display = ("occurred_at", "kind", lead_link, "subject", "url", "value", "feed", "is_bot", "withdrawn_at")
    list_filter = ("kind", "feed", "is_bot")
    search_fields = ("=lead__id",)
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Activity], search_term: str
    ) -> tuple[QuerySet[Activity], bool]:
        """A message by its very id, and by feed, because the index begins with it; else the activities of a lead."""
        if term := search_term.strip():
            feeds = [*Feed.objects.values_list("slug", flat=True), OWN_FEED]
            found = queryset.filter(feed__in=feeds, message_id=term)
            if found.exists():
                return found, False
        return super().get_search_results(request, queryset, search_term)


@admin.register(LeadMerge)
class LeadMergeAdmin(OfLeadsAdmin):
    lead_lookup = "survivor"
    personal_fields = ("moved", "survivor", "merged")
    list_display = ("merged_at", "survivor_id", "merged_id", "merged_by", "undone_at")
    list_select_related = ("merged_by",)


@admin.register(PossibleDuplicate)
class PossibleDuplicateAdmin(OfLeadsAdmin):
    lead_lookup = "first"
    personal_fields = ("first", "second")
    list_display = ("created_at", "first_id", "second_id", "reason", "settled_at")
    list_filter = ("reason",)


class HouseAdmin(ReadOnlyAdmin):
    """What only those who keep the house look at: history, work, tombstones."""

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return admin_user(request).is_active and admin_user(request).role in {Role.ADMINISTRATOR, Role.AUDITOR}


@admin.register(FactChange)
class FactChangeAdmin(HouseAdmin):
    personal_fields = ("before", "after")
    list_display = ("recorded_at", "subject_type", "subject_id", "field", "before", "after", "valid_at", "changed_by")
    list_filter = ("subject_type",)
    search_fields = ("=subject_id", "=field")


@admin.register(Work)
class WorkAdmin(HouseAdmin):
    exclude = ("lead",)
    list_display = ("created_at", lead_link, "cause")
    list_filter = ("cause",)


@admin.register(LikenessKey)
class LikenessKeyAdmin(HouseAdmin):
    exclude = ("lead",)
    list_display = (lead_link, "key")
    search_fields = ("=lead__id", "=key")


@admin.register(DuplicateSweep)
class DuplicateSweepAdmin(HouseAdmin):
    list_display = ("asked_at", "begun_at", "finished_at", "step", "found", "closed")


@admin.register(Tombstone)
class TombstoneAdmin(HouseAdmin):
    list_display = ("erased_at", "__str__")


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    view_action = Action.QUARANTINE_VIEW
    exclude = ("lead",)
    personal_fields = ("payload",)
    list_display = ("received_at", "kind", "shown_state", "code", "detail", "feed", lead_link, "message_id")
    list_filter = (("settled_at", admin.EmptyFieldListFilter), "kind", "code", "feed")
    search_fields = ("code", "message_id")

    actions_detail = ("replay", "set_aside")
    actions_row = ("replay", "set_aside")
    list_before_template = "admin/crm/_unmapped.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """With the kinds that were taken in and are worth nothing until somebody makes them known."""
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "unmapped": unmapped_kinds()})
        return answer

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quarantine]:
        """A manager meets what waits of the team's leads; what is of nobody yet belongs to marketing."""
        rows = super().get_queryset(request)
        if self._reach(request, self.view_action) is Reach.TEAM:
            return rows.filter(lead__in=leads_visible_to(admin_user(request)))
        return rows

    @display(description=gettext_lazy("state"), label={"waiting": "warning", "settled": "success"})
    def shown_state(self, item: Quarantine) -> tuple[str, str]:
        return ("settled", _("settled")) if item.settled_at else ("waiting", _("waiting"))

    def has_settle_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        return may(admin_user(request).role, Action.QUARANTINE_MANAGE)

    @action(description=gettext_lazy("Try again"), permissions=["settle"], icon="replay")
    def replay(self, request: HttpRequest, object_id: int) -> HttpResponse:
        question = self.confirmation(
            request,
            title=_("Try again"),
            text=_("The item is taken in as it was sent, as if it came now."),
            button=_("Try again"),
        )
        return question or self._settled(request, object_id, quarantine_replay, _("It is taken in."))

    @action(description=gettext_lazy("Set aside"), permissions=["settle"], icon="archive")
    def set_aside(self, request: HttpRequest, object_id: int) -> HttpResponse:
        question = self.confirmation(
            request,
            title=_("Set aside"),
            text=_("The item stays readable here and is not taken in."),
            button=_("Set aside"),
        )
        return question or self._settled(request, object_id, quarantine_settle, _("It is set aside."))

    def _settled(self, request: HttpRequest, object_id: int, verb: Verb, said: str) -> HttpResponse:
        if not self.get_queryset(request).filter(pk=object_id).exists():
            raise Http404
        try:
            verb(item_id=object_id, by=admin_user(request))
        except ConflictError as conflict:
            messages.error(request, conflict.detail)
        else:
            messages.success(request, said)
        return redirect("admin:crm_quarantine_changelist")


class ListAdmin(EditableAdmin):
    """Short lists that administrators keep."""


@admin.register(Feed)
class FeedAdmin(ListAdmin):
    list_display = ("slug", "label", "created_at")
    search_fields = ("slug", "label")


@admin.register(ActivityKind)
class ActivityKindAdmin(ListAdmin):
    list_display = ("key", "label", "created_at")
    search_fields = ("key", "label")
