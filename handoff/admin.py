"""Hand-offs as they stand; decided on the queue page. Policies and reject reasons are the team's own and edited here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.unfold import EditableAdmin, ReadOnlyInline, display, lead_link
from crm.admin import HouseAdmin, OfLeadsAdmin
from handoff.models import (
    Handoff,
    HandoffEvent,
    HandoffModel,
    HandoffPolicy,
    RejectReason,
    Release,
    RoutingTurn,
    Suppression,
)


class HandoffEventInline(ReadOnlyInline):
    model = HandoffEvent
    personal_fields = ("note",)
    fields = ("at", "kind", "state", "by", "reason", "note")


class HandoffModelInline(ReadOnlyInline):
    model = HandoffModel
    fields = ("model", "version", "attached_at")


@admin.register(Handoff)
class HandoffAdmin(OfLeadsAdmin):
    list_display = (
        "opened_at",
        lead_link,
        "shown_state",
        "owner",
        "team",
        "opened_rating",
        "opened_total",
        "sla_due_at",
        "closed_at",
    )
    list_filter = ("state", "owner", "team", "reason")
    list_select_related = ("owner", "team")
    search_fields = ("=lead__id",)
    exclude = ("lead",)
    inlines = (HandoffEventInline, HandoffModelInline)

    @display(
        description=_("state"),
        ordering="state",
        label={"waiting": "warning", "claimed": "info", "accepted": "success", "rejected": "danger"},
    )
    def shown_state(self, handoff: Handoff) -> tuple[str, str]:
        return handoff.state, handoff.get_state_display()


@admin.register(HandoffEvent)
class HandoffEventAdmin(OfLeadsAdmin):
    lead_lookup = "handoff__lead"
    list_display = ("at", "handoff_id", "kind", "state", "by", "reason", "note")
    list_filter = ("kind",)
    list_select_related = ("by", "reason")
    personal_fields = ("note",)


@admin.register(Suppression)
class SuppressionAdmin(OfLeadsAdmin):
    list_display = ("since", lead_link, "reason", "until", "may_return")
    list_filter = ("reason",)
    exclude = ("lead",)


@admin.register(HandoffPolicy)
class HandoffPolicyAdmin(EditableAdmin):
    list_display = ("model", "sla_hours", "cool_days", "cool_points", "cool_down_days")
    list_select_related = ("model",)


@admin.register(RejectReason)
class RejectReasonAdmin(EditableAdmin):
    list_display = ("label", "slug", "position", "cool_down_days", "may_return", "is_active")
    search_fields = ("label", "slug")


@admin.register(Release)
class ReleaseAdmin(HouseAdmin):
    list_display = ("asked_at", "imported_by", "version", "asked_by", "per_day", "released", "finished_at")
    list_select_related = ("imported_by", "version__model", "asked_by")


@admin.register(RoutingTurn)
class RoutingTurnAdmin(HouseAdmin):
    list_display = ("user", "dealt", "last_dealt_at")
    list_select_related = ("user",)
