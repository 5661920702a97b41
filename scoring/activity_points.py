"""What each activity is worth on a card, read off its evidence. Pure."""

from dataclasses import dataclass

from scoring.engine import Card, CriterionLine, Matrix
from scoring.engine.rounding import rounded
from scoring.engine.types import MICRO


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one criterion gives for one activity. `points` is None where it weighs several activities as one."""

    criterion: str
    label: str
    points: int | None


def activity_parts(card: Card, matrix: Matrix) -> dict[str, list[Part]]:
    """By activity id, the criteria that rest on it, in the order of the document.

    Points are points × floor(share × repeat / 1,000,000) / 1,000,000, rounded half away from zero: what the activity
    gives before any limit. A disabled criterion, and one that weighs nothing, gives 0.
    """
    found: dict[str, list[Part]] = {}
    if card.score is None:
        return found
    labels = {each.key: each.label for each in matrix.criteria}
    for line in card.score.ledger:
        if not isinstance(line, CriterionLine) or not line.units:
            continue
        worth = 0 if line.outcome == "disabled" else line.points
        for activity in line.evidence.activities:
            points: int | None = None
            if activity.share is not None and activity.repeat is not None:
                points = rounded(worth * (activity.share * activity.repeat // MICRO), MICRO)
            part = Part(criterion=line.criterion, label=labels.get(line.criterion, line.criterion), points=points)
            found.setdefault(activity.id, []).append(part)
    return found
