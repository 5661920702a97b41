"""What holds leads back until somebody lets them go: an import, or a publication. Both are released in the same way."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q, QuerySet

from crm.models import Import
from handoff.models import Release, Suppression
from scoring.models import MatrixVersion


@dataclass(frozen=True, kw_only=True, order=True)
class Holder:
    """By the field in which suppressions and releases name it, and its id."""

    field: Literal["imported_by", "version"]
    id: int

    @property
    def by_id(self) -> dict[str, int]:
        """As a filter, and as the values of a new row."""
        return {f"{self.field}_id": self.id}

    @property
    def suppressions(self) -> QuerySet[Suppression]:
        """What it holds back, let go or not."""
        return Suppression.objects.filter(**self.by_id)

    @property
    def releases(self) -> QuerySet[Release]:
        """One or none."""
        return Release.objects.filter(**self.by_id)


def import_holder(import_id: int) -> Holder:
    return Holder(field="imported_by", id=import_id)


def version_holder(version_id: int) -> Holder:
    return Holder(field="version", id=version_id)


def holder_from(row: Import | MatrixVersion) -> Holder:
    return import_holder(row.pk) if isinstance(row, Import) else version_holder(row.pk)


def holder_of(row: Suppression | Release) -> Holder | None:
    """Who holds a suppression, or whose leads a release lets go; None for a suppression of another kind."""
    if row.imported_by_id is not None:
        return import_holder(row.imported_by_id)
    return None if row.version_id is None else version_holder(row.version_id)


def let_go() -> QuerySet[Release]:
    """Releases after which nothing more is held back: all at once, or through."""
    return Release.objects.filter(Q(per_day=None) | Q(finished_at__isnull=False))


def holding(holders: Collection[Holder]) -> set[Holder]:
    """Of these holders those whose leads wait: an import that does not hand off at once, a publication, not released."""
    if not holders:
        return set()
    imports = {each.id for each in holders if each.field == "imported_by"}
    versions = {each.id for each in holders if each.field == "version"}
    gone = {holder_of(each) for each in let_go().filter(Q(imported_by__in=imports) | Q(version__in=versions))}
    at_once = Import.objects.filter(pk__in=imports, handoffs=Import.Handoffs.ALL).values_list("pk", flat=True)
    return set(holders) - gone - {import_holder(pk) for pk in at_once}
