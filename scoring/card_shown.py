"""A score card as a page shows it: the waterfall with its words and the activities its evidence names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.models import Activity
from scoring.engine.matrix import Criterion, Matrix
from scoring.engine.rounding import rounded
from scoring.engine.types import MICRO
from scoring.waterfall import Line, Section, Waterfall, waterfall
from scoring.wording import criterion_sentence, dimension_label, field_label, kind_label, line_label, value_text

# Evidence shown of one criterion; a card may rest on thousands of page views.
MOST_EVIDENCE = 20


@dataclass(frozen=True, kw_only=True)
class EvidenceShown:
    """One activity a criterion rests on. `points` before any limit; None where several weigh as one, or `share` is."""

    what: str
    where: str
    occurred_at: datetime | None
    age: int
    share: int | None
    repeat: int | None
    points: int | None


@dataclass(frozen=True, kw_only=True)
class LineShown:
    """One bar with its words: what it is called, the rule behind it, what it rests on."""

    line: Line
    label: str
    rule: str
    note: str
    evidence: Sequence[EvidenceShown]
    more_evidence: int
    facts: Sequence[tuple[str, str | None]]


@dataclass(frozen=True, kw_only=True)
class SectionShown:
    """One dimension of the card."""

    section: Section
    label: str
    lines: Sequence[LineShown]
    asks: Sequence[LineShown]
    others: Sequence[LineShown]


@dataclass(frozen=True, kw_only=True)
class CardShown:
    """The whole card."""

    drawing: Waterfall
    sections: Sequence[SectionShown]


def card_shown(
    card: Mapping[str, Any],
    document: Mapping[str, Any],
    matrix: Matrix,
    *,
    lead_id: int | None,
    is_masked: bool,
    activities: Mapping[str, Activity] | None = None,
) -> CardShown:
    """The card of a lead to which the model applies, with one query for all its evidence, unless its `activities` are
    handed in by their ids: an invented lead has none that are stored."""
    drawing = waterfall(card, document)
    criteria = {criterion.key: criterion for criterion in matrix.criteria}
    if activities is None:
        activities = {} if is_masked or lead_id is None else _activities(lead_id, card)

    def shown(line: Line) -> LineShown:
        return _line_shown(line, criteria.get(line.key), matrix, activities)

    sections = [
        SectionShown(
            section=section,
            label=dimension_label(section.dimension),
            lines=[shown(line) for line in section.lines],
            asks=[shown(line) for line in section.asks],
            others=[shown(line) for line in section.others],
        )
        for section in drawing.sections
    ]
    return CardShown(drawing=drawing, sections=sections)


def _evidence_ids(card: Mapping[str, Any]) -> Iterator[str]:
    for entry in card["ledger"]:
        if "limit" not in entry:
            for activity in entry["evidence"]["activities"][:MOST_EVIDENCE]:
                yield activity["id"]


def _activities(lead_id: int, card: Mapping[str, Any]) -> dict[str, Activity]:
    message_ids = {identity.partition(":")[2] for identity in _evidence_ids(card)}
    found = Activity.objects.filter(lead=lead_id, message_id__in=message_ids)
    return {f"{activity.feed}:{activity.message_id}": activity for activity in found}


def _line_shown(
    line: Line, criterion: Criterion | None, matrix: Matrix, activities: Mapping[str, Activity]
) -> LineShown:
    is_limit = line.kind != "criterion"
    return LineShown(
        line=line,
        label=line_label({"limit": line.kind, "name": line.key}, matrix) if is_limit else line.label,
        rule=criterion_sentence(criterion) if criterion else "",
        note=criterion.note if criterion else "",
        evidence=[_evidence_shown(one, line, activities) for one in line.activities[:MOST_EVIDENCE]],
        more_evidence=max(0, len(line.activities) - MOST_EVIDENCE),
        facts=[(field_label(name), _fact_text(name, value)) for name, value in line.fields.items()],
    )


def _fact_text(name: str, value: Any) -> str | None:
    if value is None or value in ("", []):
        return None
    if isinstance(value, list):
        return ", ".join(value_text(name, member) for member in value)
    return value_text(name, value).strip("“”")


def _evidence_shown(one: Mapping[str, Any], line: Line, activities: Mapping[str, Activity]) -> EvidenceShown:
    activity = activities.get(one["id"])
    share, repeat = one.get("share"), one.get("repeat")
    points = None
    if share is not None and repeat is not None and line.outcome == "met":
        points = rounded(line.points * (share * repeat // MICRO), MICRO)
    return EvidenceShown(
        what=kind_label(activity.kind) if activity else "",
        where=(activity.subject or activity.url) if activity else "",
        occurred_at=activity.occurred_at if activity else None,
        age=one["age"],
        share=share,
        repeat=repeat,
        points=points,
    )
