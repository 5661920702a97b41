"""A score card as a waterfall: the ledger's lines in reading order, each bar beginning where the one before it ended.

Pure: from the card (the scoring contract 4.7) and the document it was judged by. Lines of one dimension stand together, what met
first; a limit and a weight are lines of their own, so the bars add up to the total exactly as the ledger does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# The width of the drawing in its own units; every bar is a rectangle on this ruler.
WIDTH = 1000
DIMENSIONS = ("fit", "behavior", "qualification")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One bar. `kind` is criterion, group, dimension or weight (the last three are limits); points are whole.

    `left` and `width` are on the ruler of WIDTH. `activities` and `fields` are the card's evidence, as it stands there.
    """

    kind: str
    key: str
    label: str
    group: str
    contribution: int
    left: int
    width: int
    outcome: str = "met"
    points: int = 0
    units: int = 0
    activities: Sequence[Mapping[str, Any]] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    is_disqualifier: bool = False
    is_fast_track: bool = False

    @property
    def unknown_fields(self) -> list[str]:
        """What nobody knows yet and the criterion asks for."""
        return [name for name, value in self.fields.items() if value is None]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One dimension: its lines, what it gave before and after its weight, and what it asks or did not meet."""

    dimension: str
    lines: Sequence[Line]
    asks: Sequence[Line]
    others: Sequence[Line]
    subtotal: int
    contribution: int


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A stage's line on the ruler."""

    key: str
    label: str
    at: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Waterfall:
    """The whole drawing. `zero` is where zero stands on the ruler; the total's bar runs from there."""

    sections: Sequence[Section]
    total: int
    zero: int
    total_left: int
    total_width: int
    thresholds: Sequence[Threshold]
    hand_off: Threshold | None


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """Points to places on the drawing."""

    low: int
    high: int

    def place(self, points: int) -> int:
        return (points - self.low) * WIDTH // max(self.high - self.low, 1)

    def bar(self, before: int, after: int) -> tuple[int, int]:
        """Left and width of what leads from one sum to another; what is not zero is at least three units wide."""
        left, right = sorted((self.place(before), self.place(after)))
        width = max(right - left, 3) if before != after else 0
        return min(left, WIDTH - width), width


def waterfall(card: Mapping[str, Any], document: Mapping[str, Any]) -> Waterfall:
    """The drawing of a card whose `applies` is met."""
    criteria = {criterion["key"]: criterion for criterion in document["criteria"]}
    ledger = _in_reading_order(card["ledger"])
    stages = [stage for stage in document["stages"] if "at" in stage]
    ruler = _ruler(ledger, stages, card["total"])
    sections = []
    running = 0
    for dimension in DIMENSIONS:
        lines: list[Line] = []
        before = running
        for entry in ledger:
            if entry["dimension"] != dimension:
                continue
            left, width = ruler.bar(running, running + entry["contribution"])
            running += entry["contribution"]
            lines.append(_line(entry, criteria, document.get("groups", {}), left, width))
        if lines:
            sections.append(_section(dimension, lines, card["dimensions"][dimension], running - before))
    total_left, total_width = ruler.bar(0, card["total"])
    thresholds = [
        Threshold(
            key=stage["key"], label=stage.get("label") or stage["key"], at=stage["at"], left=ruler.place(stage["at"])
        )
        for stage in stages
    ]
    return Waterfall(
        sections=sections,
        total=card["total"],
        zero=ruler.place(0),
        total_left=total_left,
        total_width=total_width,
        thresholds=thresholds,
        hand_off=next((one for one in thresholds if one.key == document.get("hand_off_at", "mql")), None),
    )


def _in_reading_order(ledger: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The ledger as people read it: within a dimension what gave most first, then group, dimension and weight lines.

    A sum does not depend on the order of its terms, so the bars still end at the total.
    """
    rank = {"group": 1, "dimension": 2, "weight": 3}
    return sorted(ledger, key=lambda entry: (rank.get(entry.get("limit", ""), 0), -entry["contribution"]))


def _ruler(ledger: Sequence[Mapping[str, Any]], stages: Sequence[Mapping[str, Any]], total: int) -> Ruler:
    """From the lowest to the highest sum that is passed on the way, with zero and the thresholds near by in sight."""
    sums = [0, total]
    running = 0
    for dimension in DIMENSIONS:
        for entry in ledger:
            if entry["dimension"] == dimension:
                running += entry["contribution"]
                sums.append(running)
    low, high = min(sums), max(sums)
    ahead = [stage["at"] for stage in stages if stage["at"] > total]
    if ahead:
        high = max(high, min(ahead))
    return Ruler(low=low, high=max(high, low + 10))


def _line(
    entry: Mapping[str, Any], criteria: Mapping[str, Any], groups: Mapping[str, Any], left: int, width: int
) -> Line:
    if "limit" in entry:
        name = entry["name"] or ""
        return Line(
            kind=entry["limit"],
            key=name,
            label=_group_label(name, groups) if entry["limit"] == "group" else name,
            group="",
            contribution=entry["contribution"],
            left=left,
            width=width,
        )
    criterion = criteria.get(entry["criterion"], {})
    return Line(
        kind="criterion",
        key=entry["criterion"],
        label=criterion.get("label") or entry["criterion"],
        group=_group_label(entry["group"] or "", groups),
        contribution=entry["contribution"],
        left=left,
        width=width,
        outcome=entry["outcome"],
        points=entry["points"],
        units=entry["units"],
        activities=entry["evidence"]["activities"],
        fields=entry["evidence"]["fields"],
        is_disqualifier=bool(criterion.get("disqualify")),
        is_fast_track=bool(criterion.get("fast_track")),
    )


def _group_label(name: str, groups: Mapping[str, Any]) -> str:
    return (groups.get(name) or {}).get("label") or name


def _section(dimension: str, lines: list[Line], subtotal: int, contribution: int) -> Section:
    """What counts or decides is drawn; what is unknown and could lift is asked; the rest is listed behind a fold."""
    return Section(
        dimension=dimension,
        lines=[line for line in lines if line.outcome == "met"],
        asks=[line for line in lines if _is_worth_asking(line)],
        others=[line for line in lines if line.outcome != "met" and not _is_worth_asking(line)],
        subtotal=subtotal,
        contribution=contribution,
    )


def _is_worth_asking(line: Line) -> bool:
    """Nobody asks a lead for what would only count against them."""
    return line.outcome == "unknown" and line.points > 0
