"""Files that were brought, what became of their rows, and what colleagues wrote: read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.rights import Action
from accounts.unfold import ReadOnlyAdmin, lead_link
from crm.admin.records import HouseAdmin, OfLeadsAdmin
from crm.models import Import, ImportChunk, ImportRejection, Note, SavedMapping


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    view_action = Action.IMPORT_VIEW
    list_display = ("created_at", "file_name", "about", "feed", "state", "rows_total", "rows_done", "created_by")
    list_filter = ("state", "about")
    list_select_related = ("created_by",)
    search_fields = ("file_name", "=feed")


@admin.register(ImportRejection)
class ImportRejectionAdmin(ReadOnlyAdmin):
    view_action = Action.IMPORT_VIEW
    personal_fields = ("cells",)
    list_display = ("import_run", "line", "code", "pointer", "detail")
    list_filter = ("code",)
    list_select_related = ("import_run",)
    search_fields = ("=import_run__id", "=code")


@admin.register(ImportChunk)
class ImportChunkAdmin(HouseAdmin):
    # The bytes are the file's own: names and addresses, for nobody to browse.
    exclude = ("content",)
    list_display = ("import_run", "number")
    list_select_related = ("import_run",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportChunk]:
        return super().get_queryset(request).defer("content")


@admin.register(SavedMapping)
class SavedMappingAdmin(ReadOnlyAdmin):
    view_action = Action.IMPORT_VIEW
    list_display = ("name", "about", "created_by", "updated_at")
    list_select_related = ("created_by",)
    search_fields = ("name",)


@admin.register(Note)
class NoteAdmin(OfLeadsAdmin):
    exclude = ("lead",)
    personal_fields = ("text",)
    list_display = ("created_at", lead_link, "author", "text", "is_pinned", "edited_at")
    list_filter = ("is_pinned",)
    list_select_related = ("author",)
    search_fields = ("=lead__id",)
