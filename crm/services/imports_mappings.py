"""Mappings kept under a name, and found again by the header of a file."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from crm.ingestion.mapping import mapping_from_document
from crm.models import Import, SavedMapping
from kernel.errors import BadRequestError, Problem

# Rules about what is in the cells; how a file is cut into cells is recognised in each anew.
_OF_THE_CELLS = ("has_header", "decimal_mark", "date_order", "time_zone")


@transaction.atomic
def mapping_save(
    *,
    name: str,
    mapping: Mapping[str, object],
    rules: Mapping[str, object],
    header: Sequence[str],
    by: User | None = None,
) -> SavedMapping:
    """Keep a mapping under a name; the same name again replaces it."""
    name = name.strip()
    if not name or len(name) > 120:
        detail = _("Give the mapping a name of at most 120 letters.")
        raise BadRequestError(
            detail, code="bad_name", problems=[Problem(pointer="/save_as", code="bad_name", detail=detail)]
        )
    read = mapping_from_document(mapping)
    saved, _is_new = SavedMapping.objects.update_or_create(
        name=name,
        defaults={
            "about": read.about,
            "mapping": dict(mapping),
            "rules": rules_of_cells(rules),
            "header": list(header),
        },
        create_defaults={
            "about": read.about,
            "mapping": dict(mapping),
            "rules": rules_of_cells(rules),
            "header": list(header),
            "created_by": by,
        },
    )
    return saved


def mapping_delete(*, saved_id: int) -> None:
    """Imports made with it keep their own copy."""
    SavedMapping.objects.filter(pk=saved_id).delete()


def mapping_for(header: Sequence[str]) -> SavedMapping | None:
    """The newest saved mapping of files with this header, else of one whose columns this file has all."""
    same = SavedMapping.objects.filter(header=list(header)).order_by("-updated_at").first()
    if same is not None:
        return same
    within = SavedMapping.objects.filter(header__contained_by=list(header)).exclude(header=[])
    return max(within, key=lambda saved: (len(saved.header), saved.updated_at), default=None)


def rules_of_cells(rules: Mapping[str, object]) -> dict[str, object]:
    """The rules that hold for a later file of this kind too, whatever its separator and encoding."""
    return {key: value for key, value in rules.items() if key in _OF_THE_CELLS and value != ""}


def import_mended(columns: Sequence[str]) -> Import | None:
    """The newest import with just these columns that left rows out: what they meant there they mean in its mended rows."""
    imports = Import.objects.filter(columns=list(columns), rejections__isnull=False)
    return imports.exclude(mapping={}).order_by("-id").first()
