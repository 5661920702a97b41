"""An import in words and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.forms.import_columns import chosen_of
from crm.forms.import_targets import target_groups, target_labels, target_named
from crm.models import AttributeDefinition, Import

_STATUSES = {
    "created": gettext_lazy("new leads"),
    "updated": gettext_lazy("updated"),
    "unchanged": gettext_lazy("unchanged"),
    "accepted": gettext_lazy("activities recorded"),
    "duplicate": gettext_lazy("known already"),
    "quarantined": gettext_lazy("held back in quarantine"),
    "rejected": gettext_lazy("did not go in"),
}
_BADGES = {
    Import.State.DONE: "badge-good",
    Import.State.RUNNING: "badge-info",
    Import.State.WAITING: "badge-info",
    Import.State.UNDOING: "badge-info",
    Import.State.FAILED: "badge-bad",
    Import.State.STOPPED: "badge-warn",
}
_WENT = {
    "leads": gettext_lazy("leads it made went"),
    "activities": gettext_lazy("activities went"),
    "facts": gettext_lazy("fields went back to what they were"),
    "external_ids": gettext_lazy("ids of leads went"),
    "detached": gettext_lazy("activities of visitors are nobody's again"),
    "companies": gettext_lazy("companies it made went"),
}
_STAYED = {
    "leads_kept:activity": gettext_lazy("leads stay: something else was recorded of them"),
    "leads_kept:external_id": gettext_lazy("leads stay: another feed knows them"),
    "leads_kept:change": gettext_lazy("leads stay: somebody changed them since"),
    "leads_kept:note": gettext_lazy("leads stay: somebody wrote a note about them"),
    "leads_kept:merge": gettext_lazy("leads stay: they were merged"),
    "facts_kept": gettext_lazy("fields stay: they were changed again since"),
    "companies_kept": gettext_lazy("companies stay: they are known otherwise"),
}


FIRST_REJECTIONS = 5


@dataclass(frozen=True, kw_only=True)
class Count:
    """A number and what it counts."""

    key: str
    label: str
    number: int


@dataclass(frozen=True, kw_only=True)
class ImportShown:
    """An import as lists and bars show it; `total` is None where nobody knows it yet."""

    run: Import
    badge: str
    counts: list[Count]
    rejected: int
    done: int
    total: int | None
    rate: int | None

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None


def import_shown(run: Import) -> ImportShown:
    is_undo = run.state == Import.State.UNDOING
    counts = [
        Count(key=key, label=str(label), number=run.counts[key])
        for key, label in _STATUSES.items()
        if run.counts.get(key)
    ]
    return ImportShown(
        run=run,
        badge=_BADGES.get(Import.State(run.state), ""),
        counts=counts,
        rejected=run.counts.get("rejected", 0),
        done=run.undo_counts.get("done", 0) if is_undo else run.rows_done,
        total=run.undo_counts.get("total") if is_undo else run.rows_total,
        rate=None if is_undo else _rate(run),
    )


def undo_shown(run: Import) -> dict[str, list[Count]]:
    """What went and what stayed, with why; empty before an undo."""
    counts: Mapping[str, int] = run.undo_counts.get("counts", {})
    stayed = {key: label for key, label in _STAYED.items() if counts.get(key)}
    # A floor above keeps leads for reasons of its own.
    further = {
        key: _("leads stay: sales has worked with them")
        for key in counts
        if key.startswith("leads_kept:") and key not in _STAYED
    }
    return {
        "went": [
            Count(key=key, label=str(label), number=counts[key]) for key, label in _WENT.items() if counts.get(key)
        ],
        "stayed": [
            Count(key=key, label=str(label), number=counts[key]) for key, label in {**stayed, **further}.items()
        ],
    }


def estimate_shown(run: Import) -> str:
    """How many hand-offs it would open, in a sentence; "" where nobody can tell."""
    rows, qualified = run.estimate.get("rows", 0), run.estimate.get("qualified")
    if not rows or qualified is None:
        return ""
    total = run.rows_total or rows
    if rows >= total:
        sentence = ngettext(
            "It would open %(number)s hand-off, of %(total)s rows.",
            "It would open %(number)s hand-offs, of %(total)s rows.",
            qualified,
        )
        return sentence % {
            "number": number_format(qualified, force_grouping=True),
            "total": number_format(rows, force_grouping=True),
        }
    number = round(qualified * total / rows)
    sentence = _(
        "It would open about %(number)s hand-offs, of about %(total)s rows: %(first)s of the first %(rows)s qualify."
    )
    return sentence % {
        "number": number_format(number, force_grouping=True),
        "total": number_format(total, force_grouping=True),
        "first": number_format(qualified, force_grouping=True),
        "rows": number_format(rows, force_grouping=True),
    }


def rejections_shown(run: Import) -> list[dict[str, object]]:
    """The first rows that did not go in: where, in which column where it is about one, and why."""
    rows = run.rejections.order_by("line")[:FIRST_REJECTIONS]
    return [{"line": row.line, "column": field_of(row.pointer), "detail": row.detail} for row in rows]


def mapping_shown(run: Import) -> list[tuple[str, str]]:
    """Each column that is read, and what it fills in the words of people."""
    choices = {column: chosen_of(run.mapping, column) for column in run.columns}
    groups = target_groups(run.about, AttributeDefinition.objects.all(), [])
    labels = target_labels(groups)
    return [(column, labels.get(choice) or target_named(choice)) for column, choice in choices.items() if choice]


def field_of(pointer: str) -> str:
    """The place of a problem as a name: `/company/name` is `company.name`."""
    return pointer.strip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")


def _rate(run: Import) -> int | None:
    """Rows a second, since it was started."""
    if run.started_at is None or not run.rows_done:
        return None
    ended = run.finished_at or timezone.now()
    return int(run.rows_done / max(1.0, (ended - run.started_at).total_seconds()))
