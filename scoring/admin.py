"""Models, their versions, and what came of them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.unfold import ReadOnlyAdmin, display, lead_link
from crm.admin import HouseAdmin, OfLeadsAdmin
from scoring.models import MatrixVersion, Run, Score, ScoreChange, ScoringModel


@admin.register(ScoringModel)
class ScoringModelAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "active_version", "priority", "time_zone")
    list_select_related = ("active_version__model",)


@admin.register(MatrixVersion)
class MatrixVersionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "state", "created_by", "published_at", "publish_reason")
    list_filter = ("model", "state")
    list_select_related = ("model", "created_by")


@admin.register(Score)
class ScoreAdmin(OfLeadsAdmin):
    list_display = (lead_link, "model", "total", "rating", "stage", "is_qualified", "is_disqualified", "as_of")
    list_filter = ("model", "stage", "rating", "is_qualified", "is_disqualified", "is_fast_tracked")
    list_select_related = ("model",)
    exclude = ("lead",)
    search_fields = ("=lead__id",)


@admin.register(ScoreChange)
class ScoreChangeAdmin(OfLeadsAdmin):
    list_display = ("changed_at", lead_link, "model", "shown_before", "shown_after", "cause", "is_crossing")
    list_filter = ("model", "cause", "is_crossing")
    list_select_related = ("model",)
    exclude = ("lead", "card")
    search_fields = ("=lead__id",)

    @display(description=_("before"))
    def shown_before(self, change: ScoreChange) -> str:
        return _figures(change.before)

    @display(description=_("after"))
    def shown_after(self, change: ScoreChange) -> str:
        return _figures(change.after)


def _figures(side: dict[str, object] | None) -> str:
    return "–" if side is None else f"{side['total']} · {side['rating']} · {side['stage'] or '–'}"


@admin.register(Run)
class RunAdmin(HouseAdmin):
    list_display = ("started_at", "model", "version", "as_of", "cause", "total", "finished_at", "is_superseded")
    list_filter = ("model", "cause")
    list_select_related = ("model", "version__model")
