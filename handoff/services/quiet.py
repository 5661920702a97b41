"""Publications that hold back: hand-offs do not open, or not all at once, for leads that cross only because of the version.

One that is quiet holds them back until they do something new, one that is spread lets the best so many a day go.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.models import Cause
from handoff.services.holders import let_go
from handoff.services.lead_rows import compiled_matrix
from scoring.engine.card import Card
from scoring.models import MatrixVersion, Score, ScoreChange


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """A quiet stretch of one model: the last version published loudly before it (None: there was none), and since when."""

    baseline: MatrixVersion | None
    since: datetime


def quiet_stretches(versions: Iterable[MatrixVersion]) -> dict[int, Quiet]:
    """For each of these versions that holds back, by id: what was said before the quiet began.

    Several such publications in a row are one stretch, or a lead held back by the first would be let in by the second. One
    whose leads were all let go is as loud as any.
    """
    quiet = [version for version in versions if _holds_back(version)]
    if not quiet:
        return {}
    models = {version.model_id for version in quiet}
    gone = set(let_go().filter(version__model__in=models).values_list("version", flat=True))
    published = MatrixVersion.objects.filter(model__in=models, published_at__isnull=False)
    history = list(
        published.order_by("-published_at", "-number").only(
            "model_id", "number", "is_quiet", "per_day", "published_at", "checksum"
        )
    )
    loud = gone | {each.pk for each in history if not _holds_back(each)}
    return {version.pk: _stretch(version, history, loud) for version in quiet if version.pk not in gone}


def _holds_back(version: MatrixVersion) -> bool:
    return version.is_quiet or version.per_day is not None


def _stretch(version: MatrixVersion, newest_first: Sequence[MatrixVersion], loud: Collection[int]) -> Quiet:
    before = [each for each in newest_first if each.model_id == version.model_id and each.number <= version.number]
    since = version.published_at
    for each in before:
        if each.pk in loud:
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
