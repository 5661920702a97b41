"""What holds a qualified lead back from the queue, or no longer does: news and quiet publications."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from handoff.models import Suppression
from handoff.services.judging import cards_by, received_since
from handoff.services.lead_rows import LeadRows, Matrices
from handoff.services.news import basis_from, basis_of, has_fast_track_news, has_points_news
from handoff.services.quiet import Quiet, crossed_otherwise, quiet_stretches, would_qualify
from scoring.engine.card import Card
from scoring.models import MatrixVersion, Score, ScoringModel

# (model id, lead id)
Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What looking at one suppression found: whether news ends it, and what is true now, to be kept as its basis."""

    is_new: bool
    basis: dict[str, object]


def cards_of(rows: Collection[LeadRows], matrices: Matrices) -> dict[Pair, Card]:
    """What the versions of their scores say now of the leads that qualify; constant queries per version."""
    wanted: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in rows:
        for score in row.qualified:
            wanted[score.model_id, score.version_id].add(row.lead.pk)
    cards: dict[Pair, Card] = {}
    for (model_id, version_id), lead_ids in wanted.items():
        found = cards_by(matrices.versions[version_id], model=matrices.models[model_id], lead_ids=lead_ids)
        cards |= {(model_id, lead_id): card for lead_id, card in found.items()}
    return cards


def looks_at(held: Collection[LeadRows], cards: Mapping[Pair, Card], *, now: datetime) -> dict[int, Look]:
    """Look at the suppressions that news can end, by lead: quiet by anything worth points, a cool-down by a fast track."""
    open_to_news = {row.lead.pk: (row, row.suppression) for row in held if row.suppression and _hears(row.suppression)}
    if not open_to_news:
        return {}
    received = received_since(list(open_to_news), since=min(each.since for _row, each in open_to_news.values()))
    return {
        lead_id: _look(row, suppression, received.get(lead_id, {}), cards)
        for lead_id, (row, suppression) in open_to_news.items()
    }


def _hears(suppression: Suppression) -> bool:
    if suppression.reason == Suppression.Reason.COOL_DOWN:
        return suppression.may_return
    return suppression.reason == Suppression.Reason.QUIET


def _look(
    row: LeadRows, suppression: Suppression, received: Mapping[str, datetime], cards: Mapping[Pair, Card]
) -> Look:
    since = {activity_id for activity_id, at in received.items() if at > suppression.since}
    asks = has_points_news if suppression.reason == Suppression.Reason.QUIET else has_fast_track_news
    is_new, basis = False, dict(suppression.basis)
    for score in row.qualified:
        if (card := cards.get((score.model_id, row.lead.pk))) is None:
            continue
        holds = basis_of(score, card)
        before = basis_from(suppression.basis, score.model_id)
        is_new = is_new or asks(card, basis=before, now=holds, received_since=since)
        basis[str(score.model_id)] = holds.to_json()
    return Look(is_new=is_new, basis=basis)


def hushed_scores(rows: Collection[LeadRows], cards: Mapping[Pair, Card], matrices: Matrices) -> dict[int, Quiet]:
    """Scores, by id, that qualify only because a version was published quietly.

    That is: the history does not show that they crossed for a reason of their own, the version before the quiet would
    not have qualified them on the same facts and day, and nothing worth points was received since.
    """
    stretches = quiet_stretches(matrices.versions.values())
    scores = [score for row in rows for score in row.qualified if score.version_id in stretches]
    own = crossed_otherwise(scores) if scores else set()
    scores = [score for score in scores if score.pk not in own]
    if not scores:
        return {}
    received = received_since(
        {score.lead_id for score in scores}, since=min(stretches[score.version_id].since for score in scores)
    )
    before = _baseline_cards(scores, stretches, matrices)
    hushed: dict[int, Quiet] = {}
    for score in scores:
        quiet = stretches[score.version_id]
        pair = (score.model_id, score.lead_id)
        if quiet.baseline is not None and would_qualify(before.get(pair), quiet.baseline):
            continue
        fresh = {key for key, at in received.get(score.lead_id, {}).items() if at > quiet.since}
        card = cards.get(pair)
        if card is None or not has_points_news(card, basis=None, now=basis_of(score, card), received_since=fresh):
            hushed[score.pk] = quiet
    return hushed


def _baseline_cards(scores: Collection[Score], stretches: Mapping[int, Quiet], matrices: Matrices) -> dict[Pair, Card]:
    wanted: dict[int, tuple[MatrixVersion, ScoringModel, set[int]]] = {}
    for score in scores:
        baseline = stretches[score.version_id].baseline
        if baseline is not None:
            wanted.setdefault(baseline.pk, (baseline, matrices.models[score.model_id], set()))[2].add(score.lead_id)
    return {
        (model.pk, lead_id): card
        for baseline, model, lead_ids in wanted.values()
        for lead_id, card in cards_by(baseline, model=model, lead_ids=lead_ids).items()
    }
