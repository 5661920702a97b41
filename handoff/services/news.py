"""What ends a suppression: something that was not known when it began. Pure, on cards of the engine.

Of a criterion with activities, news is an activity received since; so a repeated request for a demo is news even though
its points are the same, and an old one that resurfaces is not. Of a criterion on fields alone, news is that it is met and
was not at the last look under the same version; a new version alone is never news.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scoring.engine.card import Card, CriterionLine
from scoring.models import Score


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What was true of a lead under one model at the last look: the score's revision, the version, and which criteria
    on fields alone held."""

    revision: int
    version_id: int
    met: frozenset[str]

    def to_json(self) -> dict[str, object]:
        return {"revision": self.revision, "version": self.version_id, "met": sorted(self.met)}


def basis_of(score: Score, card: Card | None) -> Basis:
    """What is true now."""
    met = frozenset(line.criterion for line in _holding(card) if not line.evidence.activities)
    return Basis(revision=score.revision, version_id=score.version_id, met=met)


def basis_from(stored: Mapping[str, object], model_id: int) -> Basis | None:
    """The basis kept for a model, if it was looked at before."""
    found = stored.get(str(model_id))
    if not isinstance(found, Mapping):
        return None
    return Basis(revision=found["revision"], version_id=found["version"], met=frozenset(found["met"]))


def has_fast_track_news(card: Card, *, basis: Basis | None, now: Basis, received_since: Collection[str]) -> bool:
    """Whether a fast-track criterion matches anew. `received_since` holds the ids of activities received since then."""
    fast = frozenset(card.score.fast_tracked_by) if card.score else frozenset()
    lines = [line for line in _holding(card) if line.criterion in fast]
    return _has_news(lines, basis=basis, now=now, received_since=received_since)


def has_points_news(card: Card, *, basis: Basis | None, now: Basis, received_since: Collection[str]) -> bool:
    """Whether anything new is worth points."""
    lines = [line for line in _holding(card) if line.contribution > 0]
    return _has_news(lines, basis=basis, now=now, received_since=received_since)


def _holding(card: Card | None) -> list[CriterionLine]:
    if card is None or card.score is None:
        return []
    return [line for line in card.score.ledger if isinstance(line, CriterionLine) and line.outcome == "met"]


def _has_news(
    lines: Collection[CriterionLine], *, basis: Basis | None, now: Basis, received_since: Collection[str]
) -> bool:
    if any(activity.id in received_since for line in lines for activity in line.evidence.activities):
        return True
    if basis is None or basis.version_id != now.version_id:
        return False
    return any(not line.evidence.activities and line.criterion not in basis.met for line in lines)
