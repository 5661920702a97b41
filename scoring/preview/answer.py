"""What a preview says. Plain data, ready for pages, the API and the terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from scoring.preview.comparing import Crossing, Flow, Moved, PlaceKey

#: `preparing`: there is no column file yet, and a worker was asked for it. `measuring`: some criteria are being counted.
State = Literal["ready", "measuring", "preparing"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StageMoves:
    """A stage of either version: how many leads stand in it, and who enters and leaves. `label` is the draft's, else the
    published version's."""

    key: str
    label: str
    before: int
    after: int
    flow: Flow


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Leads by where they stand before (rows) and after (columns). The key None is no score, "" no stage."""

    rows: tuple[PlaceKey, ...]
    columns: tuple[PlaceKey, ...]
    leads: tuple[tuple[int, ...], ...]

    def cells(self) -> Iterator[tuple[PlaceKey, PlaceKey, int]]:
        """Those that are not 0."""
        for row, counts in zip(self.rows, self.leads, strict=True):
            yield from ((row, column, count) for column, count in zip(self.columns, counts, strict=True) if count)


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """How totals lie: bin i holds the totals from `start + i × width` to below the next."""

    start: int
    width: int
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Qualified leads of one owner; None is nobody."""

    owner_id: int | None
    before: int
    after: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CriterionMoves:
    """What a criterion gives to all scored leads together, before the limits of groups, and how many it finds."""

    key: str
    label: str
    points_before: int
    points_after: int
    leads_before: int
    leads_after: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    before: int
    after: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Before is the published version, after the draft, each on its own today and on the same facts.

    `qualified` are the leads at or above the hand-off stage. Criteria stand with the most moved points first.
    """

    scored: Pair
    qualified: StageMoves
    stages: tuple[StageMoves, ...]
    stage_table: Table
    rating_table: Table
    distribution: Distribution
    load: tuple[Load, ...]
    disqualified: Pair
    fast_tracked: Pair
    criteria: tuple[CriterionMoves, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """`figures` only where it is ready; `measuring` are the keys of the draft's criteria that are being counted, with
    `applies_to` for whom the model applies to. `leads` are all that were looked at; of `behind` of them facts changed that
    are not in it yet. `published` is None for a model without a published version: nobody has a score then."""

    state: State
    model: str
    as_of: date
    published: int | None
    leads: int = 0
    behind: int = 0
    measuring: tuple[str, ...] = ()
    figures: Figures | None = None

    def to_json(self) -> dict[str, Any]:
        """As the API writes it; stage tables by [row, column, leads] for the cells that are not 0."""
        head = {
            "state": self.state,
            "model": self.model,
            "as_of": self.as_of.isoformat(),
            "published": self.published,
            "leads": self.leads,
            "behind": self.behind,
            "measuring": list(self.measuring),
        }
        found = self.figures
        if found is None:
            return head
        return head | {
            "scored": asdict(found.scored),
            "qualified": _stage_json(found.qualified),
            "stages": [_stage_json(each) for each in found.stages],
            "stage_table": [list(cell) for cell in found.stage_table.cells()],
            "rating_table": [list(cell) for cell in found.rating_table.cells()],
            "distribution": asdict(found.distribution),
            "load": [asdict(each) for each in found.load],
            "disqualified": asdict(found.disqualified),
            "fast_tracked": asdict(found.fast_tracked),
            "criteria": [asdict(each) for each in found.criteria],
        }

    def lead_ids(self) -> set[int]:
        """All that are listed by name."""
        found = self.figures
        flows = [] if found is None else [found.qualified.flow, *(each.flow for each in found.stages)]
        return {lead.lead_id for flow in flows for side in (flow.entering, flow.leaving) for lead in side.leads}


def _stage_json(moves: StageMoves) -> dict[str, Any]:
    return {
        "key": moves.key,
        "label": moves.label,
        "before": moves.before,
        "after": moves.after,
        "entering": _crossing_json(moves.flow.entering),
        "leaving": _crossing_json(moves.flow.leaving),
    }


def _crossing_json(crossing: Crossing) -> dict[str, Any]:
    return {"count": crossing.count, "leads": _leads_json(crossing.leads)}


def _leads_json(leads: Sequence[Moved]) -> list[dict[str, Any]]:
    return [
        {
            "lead": each.lead_id,
            "before": {"total": each.total_before, "rating": each.rating_before, "stage": each.stage_before},
            "after": {"total": each.total_after, "rating": each.rating_after, "stage": each.stage_after},
        }
        for each in leads
    ]
