"""What holds a qualified lead back from the queue, or no longer does: news, quiet publications and quiet imports."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from handoff.models import Suppression
from handoff.services.holders import Holder, import_holder, version_holder
from handoff.services.imported import Told, changes_told, held_by_imports, may_be_news
from handoff.services.judging import cards_by, received_since
from handoff.services.lead_rows import LeadRows, Matrices
from handoff.services.news import basis_from, basis_of, has_fast_track_news, has_points_news
from handoff.services.quiet import Quiet, crossed_otherwise, crossings_of, quiet_stretches, would_qualify
from scoring.engine.card import Card
from scoring.models import MatrixVersion, Score, ScoreChange, ScoringModel

# (model id, lead id)
Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What looking at one suppression found: whether news ends it, and what is true now, to be kept as its basis."""

    is_new: bool
    basis: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Hush:
    """A score is held back: what is received after `since` is new. Where an import does it, `also` is to be kept with the
    basis: the activities known already (`known`) and the last change that was looked at (`change`)."""

    since: datetime
    holder: Holder
    also: Mapping[str, object] = field(default_factory=dict)


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
    suppressions = [each for _row, each in open_to_news.values()]
    received = received_since(list(open_to_news), since=min(each.since for each in suppressions))
    changes = changes_told(list(open_to_news), since=min(min(each.since, each.looked_at) for each in suppressions))
    return {
        lead_id: _look(row, suppression, received.get(lead_id, {}), changes.get(lead_id, []), cards)
        for lead_id, (row, suppression) in open_to_news.items()
    }


def _hears(suppression: Suppression) -> bool:
    if suppression.reason == Suppression.Reason.COOL_DOWN:
        return suppression.may_return
    return suppression.reason == Suppression.Reason.QUIET


def _look(
    row: LeadRows,
    suppression: Suppression,
    received: Mapping[str, datetime],
    changes: Sequence[Told],
    cards: Mapping[Pair, Card],
) -> Look:
    since = {activity_id for activity_id, at in received.items() if at > suppression.since}
    since -= set(suppression.basis.get("known", ()))
    asks = has_points_news if suppression.reason == Suppression.Reason.QUIET else has_fast_track_news
    seen = suppression.basis.get("change")
    later = [each for each in changes if (each.id > seen if seen else each.changed_at >= suppression.looked_at)]
    is_new, basis = False, dict(suppression.basis)
    for score in row.qualified:
        if (card := cards.get((score.model_id, row.lead.pk))) is None:
            continue
        holds = basis_of(score, card)
        before = basis_from(suppression.basis, score.model_id) if may_be_news(later) else None
        is_new = is_new or asks(card, basis=before, now=holds, received_since=since)
        basis[str(score.model_id)] = holds.to_json()
    if later:
        basis["change"] = later[-1].id
    return Look(is_new=is_new, basis=basis)


def hushed_scores(rows: Collection[LeadRows], cards: Mapping[Pair, Card], matrices: Matrices) -> dict[int, Hush]:
    """Scores, by id, that qualify only because of a version, or of a file, that does not hand off at once."""
    scores = [score for row in rows for score in row.qualified]
    crossings = crossings_of(scores)
    hushed = {
        score_id: Hush(
            since=hold.since,
            holder=import_holder(hold.import_id),
            also={"known": sorted(hold.known), "change": hold.change},
        )
        for score_id, hold in held_by_imports(scores, crossings, cards).items()
    }
    others = [score for score in scores if score.pk not in hushed]
    by_version = _hushed_by_versions(others, crossings, cards, matrices)
    versions = {score.pk: score.version_id for score in others}
    return hushed | {
        score_id: Hush(since=quiet.since, holder=version_holder(versions[score_id]))
        for score_id, quiet in by_version.items()
    }


def _hushed_by_versions(
    scores: Sequence[Score], crossings: Mapping[Pair, ScoreChange], cards: Mapping[Pair, Card], matrices: Matrices
) -> dict[int, Quiet]:
    """That is: the history does not show that they crossed for a reason of their own, the version before the quiet would
    not have qualified them on the same facts and day, and nothing worth points was received since.
    """
    stretches = quiet_stretches(matrices.versions.values())
    scores = [score for score in scores if score.version_id in stretches]
    own = crossed_otherwise(scores, crossings)
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
