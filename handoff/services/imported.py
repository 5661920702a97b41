"""Quiet imports: hand-offs do not open for leads that cross the line only because of a file. History is no news."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from crm.models import Import
from handoff.models import Handoff
from handoff.services.holders import holding, import_holder
from handoff.services.judging import LATE_COMMIT, received_since
from handoff.services.news import Basis, basis_of, has_points_news
from scoring.engine.card import Card
from scoring.models import Score, ScoreChange

# (model id, lead id)
Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class ImportHold:
    """An import holds a score back: what was received after `since` is new, but for the activities already `known` when
    it crossed; `change` is the change by which it did."""

    import_id: int
    since: datetime
    known: frozenset[str]
    change: int


@dataclass(frozen=True, kw_only=True)
class Told:
    """A change of a score, and whether anybody told it but an import that does not hand off at once."""

    id: int
    changed_at: datetime
    is_loud: bool


def changes_told(lead_ids: Collection[int], *, since: datetime) -> dict[int, list[Told]]:
    """The changes of these leads' scores from `since` on, by lead."""
    rows = ScoreChange.objects.filter(lead__in=lead_ids, changed_at__gte=since).order_by("pk")
    found: dict[int, list[Told]] = defaultdict(list)
    for lead_id, pk, changed_at, handoffs in rows.values_list("lead_id", "pk", "changed_at", "imported_by__handoffs"):
        is_loud = handoffs in {None, Import.Handoffs.ALL.value}
        found[lead_id].append(Told(id=pk, changed_at=changed_at, is_loud=is_loud))
    return found


def may_be_news(changes: Collection[Told]) -> bool:
    """Whether a field that holds now and did not at the last look may be news: not where a quiet import alone wrote."""
    return not changes or any(each.is_loud for each in changes)


def held_by_imports(
    scores: Sequence[Score], crossings: Mapping[Pair, ScoreChange], cards: Mapping[Pair, Card]
) -> dict[int, ImportHold]:
    """Of these qualified scores, by id, those that crossed because of one import alone which holds its leads back.

    Not where the lead was in sales' hands since, nor where something worth points has come from elsewhere since.
    """
    by_import = [score for score in scores if (each := crossings.get(_pair(score))) and each.imported_by_id is not None]
    imports = {import_holder(crossings[_pair(score)].imported_by_id or 0) for score in by_import}
    waiting = {each.id for each in holding(imports)}
    held = [score for score in by_import if crossings[_pair(score)].imported_by_id in waiting]
    if not held:
        return {}
    lead_ids = {score.lead_id for score in held}
    first = min(crossings[_pair(score)].changed_at for score in held)
    worked = dict(
        Handoff.objects.filter(lead__in=lead_ids, closed_at__gte=first)
        .order_by()
        .values_list("lead_id")
        .annotate(last=Max("closed_at"))
    )
    said = dict(
        ScoreChange.objects.filter(pk__in=[crossings[_pair(score)].pk for score in held]).values_list("pk", "card")
    )
    received = received_since(lead_ids, since=first - LATE_COMMIT)
    changes = changes_told(lead_ids, since=first)
    holds: dict[int, ImportHold] = {}
    for score in held:
        crossing = crossings[_pair(score)]
        if score.lead_id in worked and worked[score.lead_id] >= crossing.changed_at:
            continue
        since = crossing.changed_at - LATE_COMMIT
        lately = {key for key, at in received.get(score.lead_id, {}).items() if at > since}
        known = frozenset(lately & _activities_of(said[crossing.pk]))
        later = [each for each in changes.get(score.lead_id, ()) if each.id > crossing.pk]
        card = cards.get(_pair(score))
        if card is None or not has_points_news(
            card,
            basis=_basis_then(crossing, said[crossing.pk]) if may_be_news(later) else None,
            now=basis_of(score, card),
            received_since=lately - known,
        ):
            import_id = crossing.imported_by_id or 0
            holds[score.pk] = ImportHold(import_id=import_id, since=since, known=known, change=crossing.pk)
    return holds


def _pair(score: Score) -> Pair:
    return score.model_id, score.lead_id


def _lines(card: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [line for line in (card or {}).get("ledger", ()) if "criterion" in line]


def _activities_of(card: Mapping[str, Any] | None) -> set[str]:
    return {activity["id"] for line in _lines(card) for activity in line["evidence"]["activities"]}


def _basis_then(crossing: ScoreChange, card: Mapping[str, Any] | None) -> Basis | None:
    """What held of fields alone when the score crossed, from the card as it was said."""
    if crossing.version_id is None:
        return None
    met = {
        line["criterion"] for line in _lines(card) if line["outcome"] == "met" and not line["evidence"]["activities"]
    }
    return Basis(revision=0, version_id=crossing.version_id, met=frozenset(met))
