"""The figures of a preview, ready for the impact tab, each with the way to the leads behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.models import Lead
from crm.visibility import leads_visible_to
from scoring.models import MatrixVersion
from scoring.preview.answer import CriterionMoves, Distribution, Figures, Pair, StageMoves, Table
from scoring.preview.comparing import Moved, PlaceKey
from scoring.preview.crowds import Line
from scoring.workbench_shown.impact_choices import Behind, Side

_CRITERIA: Final = 8
#: Shades of a heat table.
HEATS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Number:
    """A figure, and where the leads are listed that it counts; no address where nobody is, or nothing is saved yet."""

    count: int
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """How many now, under the draft, and who comes and goes."""

    label: str
    before: Number
    after: Number
    difference: int
    entering: Number | None = None
    leaving: Number | None = None
    is_hand_off: bool = False


@dataclass(frozen=True, kw_only=True)
class LeadLine:
    """A lead that moves, by the name this person may read."""

    pk: int
    name: str
    company: str
    moved: Moved
    stage_before: str
    stage_after: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Leads that go from the place of the row to that of the column; `heat` from 0 to HEATS by their share of the row."""

    number: Number
    is_same: bool
    heat: int
    column: str


@dataclass(frozen=True, kw_only=True)
class Heat:
    """Movement as a table: rows before, columns after, places that somebody stands in."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


@dataclass(frozen=True, kw_only=True)
class CriterionLine:
    label: str
    points_before: int
    points_after: int
    difference: int
    before: Number
    after: Number


@dataclass(frozen=True, kw_only=True)
class Bin:
    label: str
    before: Number
    after: Number


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The figures of a preview that is ready."""

    qualified: Change
    entering: Sequence[LeadLine]
    leaving: Sequence[LeadLine]
    stages: Sequence[Change]
    others: Sequence[Change]
    stage_heat: Heat
    rating_heat: Heat
    bins: Sequence[Bin]
    chart: Mapping[str, Any]
    criteria: Sequence[CriterionLine]


def lead_lines(user: User, moved: Iterable[Moved], labels: Mapping[str, str]) -> dict[int, LeadLine]:
    """By id, as this person may read them, in one query; who may not be seen, or is gone meanwhile, is left out."""
    moves = {each.lead_id: each for each in moved}
    rows = leads_visible_to(user).filter(pk__in=moves).select_related("company")
    leads = rows.only("first_name", "last_name", "email", "company__name", "company__domain").in_bulk()
    is_masked = not sees_personal_data(user.role)
    return {
        pk: LeadLine(
            pk=pk,
            name=lead_name(leads[pk], is_masked=is_masked),
            company=str(leads[pk].company) if leads[pk].company else "",
            moved=each,
            stage_before=place_label(each.stage_before, labels),
            stage_after=place_label(each.stage_after, labels),
        )
        for pk, each in moves.items()
        if pk in leads
    }


def lead_name(lead: Lead, *, is_masked: bool) -> str:
    return _("Lead %(id)s") % {"id": lead.pk} if is_masked else str(lead)


def place_label(key: PlaceKey, labels: Mapping[str, str]) -> str:
    return _("no score") if key is None else labels.get(key, key) or _("no stage")


def leads_url(version: MatrixVersion, behind: Behind) -> str:
    return f"{reverse('workbench-impact-leads', args=[version.pk])}?{urlencode(behind.params())}"


class _Numbers:
    """Makes figures that lead to the list behind them."""

    def __init__(self, version: MatrixVersion, *, is_tried: bool) -> None:
        self._version = version
        self._is_tried = is_tried

    def of(self, count: int, behind: Behind) -> Number:
        url = "" if self._is_tried or not count else leads_url(self._version, behind)
        return Number(count=count, url=url)

    def side(self, count: int, line: Line, side: Side, key: str = "") -> Number:
        return self.of(count, Behind(line=line, key=key, side=side))


def figures_shown(
    version: MatrixVersion,
    user: User,
    document: Mapping[str, Any],
    figures: Figures,
    entering: Sequence[Moved],
    leaving: Sequence[Moved],
    *,
    is_tried: bool,
) -> Shown:
    numbers = _Numbers(version, is_tried=is_tried)
    labels = {each.key: each.label for each in figures.stages}
    lines = lead_lines(user, [*entering, *leaving], labels)
    names = (("scored", _("With a score")), ("disqualified", _("Disqualified")), ("fast_tracked", _("Fast-tracked")))
    return Shown(
        qualified=_stage_change(numbers, figures.qualified, is_hand_off=True, line="qualified"),
        entering=[lines[each.lead_id] for each in entering if each.lead_id in lines],
        leaving=[lines[each.lead_id] for each in leaving if each.lead_id in lines],
        stages=[_stage_change(numbers, each, is_hand_off=each.key == figures.qualified.key) for each in figures.stages],
        others=[_pair_change(numbers, cast(Line, key), label, getattr(figures, key)) for key, label in names],
        stage_heat=_heat(numbers, "stage", figures.stage_table, labels),
        rating_heat=_heat(numbers, "rating", figures.rating_table, {}),
        bins=_bins(numbers, figures.distribution),
        chart=_chart(figures.distribution, document),
        criteria=_criteria(numbers, figures.criteria),
    )


def _stage_change(numbers: _Numbers, moves: StageMoves, *, is_hand_off: bool, line: Line = "stage") -> Change:
    key = moves.key if line == "stage" else ""
    return Change(
        label=moves.label or moves.key,
        before=numbers.side(moves.before, line, "before", key),
        after=numbers.side(moves.after, line, "after", key),
        difference=moves.after - moves.before,
        entering=numbers.side(moves.flow.entering.count, line, "entering", key),
        leaving=numbers.side(moves.flow.leaving.count, line, "leaving", key),
        is_hand_off=is_hand_off,
    )


def _pair_change(numbers: _Numbers, line: Line, label: str, pair: Pair) -> Change:
    return Change(
        label=label,
        before=numbers.side(pair.before, line, "before"),
        after=numbers.side(pair.after, line, "after"),
        difference=pair.after - pair.before,
    )


def _heat(numbers: _Numbers, line: Line, table: Table, labels: Mapping[str, str]) -> Heat:
    rows = [at for at, counts in enumerate(table.leads) if any(counts)]
    columns = [at for at in range(len(table.columns)) if any(counts[at] for counts in table.leads)]
    shown = [place_label(table.columns[at], labels) for at in columns]
    found = []
    for row in rows:
        key, counts = table.rows[row], table.leads[row]
        whole = sum(counts)
        found.append(
            (
                place_label(key, labels),
                [
                    Cell(
                        number=numbers.of(counts[at], Behind(line=line, cell=(key, table.columns[at]))),
                        is_same=key == table.columns[at],
                        heat=_shade(counts[at], whole),
                        column=label,
                    )
                    for at, label in zip(columns, shown, strict=True)
                ],
            )
        )
    return Heat(columns=shown, rows=found)


def _shade(count: int, whole: int) -> int:
    """From a thousandth up each shade stands for about four times as many."""
    if not count:
        return 0
    return next((shade for shade, share in enumerate((400, 100, 25, 6), 1) if count * share <= whole), HEATS)


def _bins(numbers: _Numbers, found: Distribution) -> list[Bin]:
    made = []
    for at, (before, after) in enumerate(zip(found.before, found.after, strict=True)):
        low = found.start + at * found.width
        totals = low, low + found.width
        sides: tuple[tuple[Side, int], ...] = (("before", before), ("after", after))
        counts = {side: numbers.of(count, Behind(line="total", side=side, totals=totals)) for side, count in sides}
        label = str(low) if found.width == 1 else f"{low} … {low + found.width - 1}"
        if before or after:
            made.append(Bin(label=label, **counts))
    return made


def _chart(found: Distribution, document: Mapping[str, Any]) -> dict[str, Any]:
    """For the picture: the bins, and where the draft's stages begin."""
    levels = [
        {"label": str(stage.get("label") or stage["key"]), "at": stage["at"]}
        for stage in document["stages"]
        if stage.get("at") is not None
    ]
    return {
        "start": found.start,
        "width": found.width,
        "before": list(found.before),
        "after": list(found.after),
        "levels": levels,
        "names": [_("Now"), _("Under this draft")],
    }


def _criteria(numbers: _Numbers, criteria: Sequence[CriterionMoves]) -> list[CriterionLine]:
    """Those with the most moved points."""
    moved = [each for each in criteria if _parts(each, "before") != _parts(each, "after")]
    return [
        CriterionLine(
            label=each.label,
            points_before=each.points_before,
            points_after=each.points_after,
            difference=each.points_after - each.points_before,
            before=numbers.side(each.leads_before, "criterion", "before", each.key),
            after=numbers.side(each.leads_after, "criterion", "after", each.key),
        )
        for each in moved[:_CRITERIA]
    ]


def _parts(moves: CriterionMoves, side: str) -> tuple[int, int]:
    return getattr(moves, f"points_{side}"), getattr(moves, f"leads_{side}")
