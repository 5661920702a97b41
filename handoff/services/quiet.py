"""Quiet publications: hand-offs do not open for leads that cross the line only because of the version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.models import Cause
from handoff.services.lead_rows import compiled_matrix
from scoring.engine.card import Card
from scoring.models import MatrixVersion, Score, ScoreChange


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """A quiet stretch of one model: the last version published loudly before it (None: there was none), and since when."""

    baseline: MatrixVersion | None
    since: datetime


def quiet_stretches(versions: Iterable[MatrixVersion]) -> dict[int, Quiet]:
    """For each of these versions that is quiet, by id: what was said before the quiet began.

    Several quiet publications in a row are one stretch, or a lead held back by the first would be let in by the second.
    """
    quiet = [version for version in versions if version.is_quiet]
    if not quiet:
        return {}
    published = MatrixVersion.objects.filter(
        model__in={version.model_id for version in quiet}, published_at__isnull=False
    ).order_by("-published_at", "-number")
    history = list(published.only("model_id", "number", "is_quiet", "published_at", "checksum"))
    return {version.pk: _stretch(version, history) for version in quiet}


def _stretch(version: MatrixVersion, newest_first: Sequence[MatrixVersion]) -> Quiet:
    before = [each for each in newest_first if each.model_id == version.model_id and each.number <= version.number]
    since = version.published_at
    for each in before:
        if not each.is_quiet:
            return Quiet(baseline=each, since=_known(since))
        since = each.published_at
    return Quiet(baseline=None, since=_known(since))


def _known(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("A version that judges was published at some time.")
    return moment


def crossings_of(scores: Sequence[Score]) -> dict[tuple[int, int], ScoreChange]:
    """The last change that qualified each of these scores, by (model, lead); one query. Without a history, none."""
    changes = (
        ScoreChange.objects.filter(lead__in={score.lead_id for score in scores}, after__is_qualified=True)
        .exclude(before__is_qualified=True)
        .order_by("lead_id", "model_id", "-id")
        .distinct("lead_id", "model_id")
        .defer("card")
    )
    return {(change.model_id, change.lead_id): change for change in changes} if scores else {}


def crossed_otherwise(scores: Sequence[Score], crossings: Mapping[tuple[int, int], ScoreChange]) -> set[int]:
    """Of these qualified scores, by id, those that crossed the line for another reason than a version.

    The history tells: the last change that qualified the lead was judged by the version that had judged it before, or
    the lead was new.
    """
    return {
        score.pk
        for score in scores
        if (crossing := crossings.get((score.model_id, score.lead_id))) is not None and _is_own(crossing)
    }


def _is_own(crossing: ScoreChange) -> bool:
    causes = {crossing.cause, *crossing.causes}
    if Cause.LEAD_CREATED in causes or (crossing.before is None and Cause.IMPORTED in causes):
        return True
    before: Mapping[str, object] = crossing.before or {}
    after: Mapping[str, object] = crossing.after or {}
    return "version" in before and before["version"] == after.get("version")


def would_qualify(card: Card | None, version: MatrixVersion) -> bool:
    """Whether a card judged by `version` is at or above the stage at which that version hands off."""
    return (
        card is not None and card.score is not None and card.score.stage in compiled_matrix(version).qualifying_stages
    )
