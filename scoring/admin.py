"""Models, their versions, and what came of them. Drafts are made and published here; the rules stand in the services."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.rights import Action, may
from accounts.unfold import EditableAdmin, action, admin_user, display, lead_link
from crm.admin import HouseAdmin, OfLeadsAdmin
from scoring.forms import NewVersionForm
from scoring.models import MatrixVersion, Run, Score, ScoreChange, ScoringModel
from scoring.services.matrices import model_create, version_create
from scoring.version_shown import version_shown
from scoring.yaml_text import yaml_write

State = MatrixVersion.State
STATE_COLORS = {"draft": "info", "in_review": "warning", "published": "success", "retired": ""}


@admin.register(ScoringModel)
class ScoringModelAdmin(EditableAdmin):
    manage_action = Action.DRAFT_EDIT
    list_display = ("name", "slug", "active_version", "version_count", "priority", "time_zone")
    list_select_related = ("active_version__model",)
    fields = ("name", "slug", "priority")
    prepopulated_fields = {"slug": ("name",)}
    actions_detail = ("versions", "new_version")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoringModel]:
        models: QuerySet[ScoringModel] = super().get_queryset(request)
        return models.annotate(versions_made=Count("versions"))

    @display(description=gettext_lazy("versions"))
    def version_count(self, model: Any) -> int:
        return int(model.versions_made)

    def get_readonly_fields(self, request: HttpRequest, obj: ScoringModel | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: ScoringModel | None = None) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made = model_create(slug=obj.slug, name=obj.name, priority=obj.priority, by=admin_user(request))
        obj.pk = made.pk

    @action(description=gettext_lazy("Versions"), icon="table_rows")
    def versions(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        return redirect(
            f"{reverse('admin:scoring_matrixversion_changelist')}?{urlencode({'model__id__exact': object_id})}"
        )

    @action(description=gettext_lazy("New version"), icon="add")
    def new_version(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        return redirect(f"{reverse('admin:scoring_matrixversion_add')}?{urlencode({'model': object_id})}")


@admin.register(MatrixVersion)
class MatrixVersionAdmin(EditableAdmin):
    """A version is made here; what it says is read-only, for a draft is edited, reviewed and published in the workbench."""

    manage_action = Action.DRAFT_EDIT
    list_display = ("__str__", "shown_state", "created_by", "origin", "published_at", "published_by", "publish_reason")
    list_filter = ("model", "state")
    fields = (
        "model",
        ("number", "state"),
        ("created_by", "created_at"),
        "origin",
        "note",
        ("published_by", "published_at"),
        "publish_reason",
        ("is_emergency", "is_quiet", "retired_at"),
        "checksum",
    )
    change_form_outer_before_template = "admin/scoring/_version.html"
    actions_detail = ("workbench", "publish", "copy", "download")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MatrixVersion]:
        # Django passes over list_select_related where rows are joined here; documents are read by the pages of one version.
        rows = super().get_queryset(request).select_related("model__active_version", "created_by", "published_by")
        return rows.defer("document", "model__active_version__document")

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLORS)
    def shown_state(self, version: MatrixVersion) -> tuple[str, str]:
        return version.state, version.get_state_display()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: MatrixVersion | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        if obj is None:
            kwargs["form"] = NewVersionForm
        form: type[ModelForm[Any]] = super().get_form(request, obj, change, **kwargs)
        return form

    def get_fields(self, request: HttpRequest, obj: MatrixVersion | None = None) -> list[Any]:
        return ["model", "preset", "file", "base", "note"] if obj is None else super().get_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        made = version_create(
            model=obj.model,
            document=form.cleaned_data["document"],
            origin=form.cleaned_data["origin"],
            note=obj.note,
            by=admin_user(request),
        )
        obj.pk, obj.number = made.pk, made.number

    def response_add(
        self, request: HttpRequest, obj: MatrixVersion, post_url_continue: str | None = None
    ) -> HttpResponse:
        """What lint says and the way to publish stand on the version's own page, so that is where one goes on."""
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST or "_popup" in request.POST:
            return answer
        return redirect("admin:scoring_matrixversion_change", obj.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        version = self.get_object(request, object_id)
        shown = {"shown": version_shown(version)} if version is not None else {}
        answer: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})
        return answer

    def has_publish_permission(self, request: HttpRequest, object_id: str | int) -> bool:
        if not may(admin_user(request).role, Action.VERSION_PUBLISH):
            return False
        return MatrixVersion.objects.filter(pk=object_id, state__in=[State.DRAFT, State.IN_REVIEW]).exists()

    @action(description=gettext_lazy("Open in the workbench"), icon="tune")
    def workbench(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        return redirect("workbench", object_id)

    @action(description=gettext_lazy("Publish …"), permissions=["publish"], icon="rocket_launch")
    def publish(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        """There is one way to publish, and it stands with the review."""
        return redirect(f"{reverse('workbench-review', args=[object_id])}?publish#publish")

    @action(description=gettext_lazy("New version from this"), icon="content_copy")
    def copy(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        version = MatrixVersion.objects.get(pk=object_id)
        start = urlencode({"model": version.model_id, "base": version.pk})
        return redirect(f"{reverse('admin:scoring_matrixversion_add')}?{start}")

    @action(description=gettext_lazy("Download YAML"), icon="download")
    def download(self, request: HttpRequest, object_id: int) -> HttpResponse:
        version = MatrixVersion.objects.select_related("model").get(pk=object_id)
        answer = HttpResponse(yaml_write(version.document), content_type="application/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{version.model.slug}-v{version.number}.yaml"'
        return answer


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

    @display(description=gettext_lazy("before"))
    def shown_before(self, change: ScoreChange) -> str:
        return _figures(change.before)

    @display(description=gettext_lazy("after"))
    def shown_after(self, change: ScoreChange) -> str:
        return _figures(change.after)


def _figures(side: dict[str, object] | None) -> str:
    return "–" if side is None else f"{side['total']} · {side['rating']} · {side['stage'] or '–'}"


@admin.register(Run)
class RunAdmin(HouseAdmin):
    list_display = ("started_at", "model", "version", "as_of", "cause", "total", "finished_at", "is_superseded")
    list_filter = ("model", "cause")
    list_select_related = ("model", "version__model")
