"""The score changes the product would have written, had it run all year: evaluated for past days by the version of the time.

Only the demo invents a past. Everywhere else a score change is written when it is said, and never afterwards.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from crm.models import Cause
from crm.queries import facts_for_leads
from scoring.engine import CompiledMatrix, Facts, evaluate
from scoring.loader import compiled_version, facts_on
from scoring.models import MatrixVersion, ScoreChange
from scoring.services.verdicts import card_without_values

# How far back, and how often a look is taken; on other days the score moved too, as it does every night.
DAYS, EVERY = 126, 3


def history_invent(*, lead_ids: Collection[int], now: datetime) -> None:
    """Replace the one change that brought these leads their score by the chain that leads to it."""
    versions = list(MatrixVersion.objects.exclude(published_at=None).order_by("published_at"))
    compiled = {each.pk: compiled_version(version_id=each.pk, checksum=each.checksum) for each in versions}
    days = [now - timedelta(days=back) for back in range(DAYS, 0, -EVERY)]
    rows: list[ScoreChange] = []
    for lead_id, known in facts_for_leads(lead_ids).items():
        last = ScoreChange.objects.filter(lead=lead_id).order_by("-pk").first()
        if last is None or last.after is None:
            continue
        before: dict[str, object] | None = None
        for at in days:
            version = next((each for each in reversed(versions) if each.published_at and each.published_at <= at), None)
            if version is None or at < known.created_at:
                continue
            facts = facts_on(known, as_of=at.date(), zone=UTC)
            change = _change(lead_id, version, compiled[version.pk], facts, at, before)
            if change is not None:
                rows.append(change)
                before = change.after
        ScoreChange.objects.filter(lead=lead_id).delete()
        rows.append(_ended(last, before))
    ScoreChange.objects.bulk_create(rows, batch_size=1_000)


def _change(
    lead_id: int,
    version: MatrixVersion,
    compiled: CompiledMatrix,
    facts: Facts,
    at: datetime,
    before: dict[str, object] | None,
) -> ScoreChange | None:
    card = evaluate(compiled, facts, at.date(), model=version.model.slug, version=version.number)
    score = card.score
    if score is None:
        return None
    after: dict[str, object] = {
        "total": score.total,
        "fit": score.dimensions["fit"],
        "behavior": score.dimensions["behavior"],
        "qualification": score.dimensions["qualification"],
        "grade": score.grade,
        "level": score.level,
        "rating": score.rating,
        "stage": score.stage or "",
        "decided_by": score.decided_by,
        "is_qualified": score.stage in compiled.matrix.qualifying_stages,
    }
    if before is not None and before.items() >= after.items():
        return None
    cause = _cause(before, score.total)
    return ScoreChange(
        lead_id=lead_id,
        model_id=version.model_id,
        version=version,
        before=before,
        after={**after, "version": version.number, "as_of": at.date().isoformat()},
        cause=cause,
        causes=[cause],
        is_crossing=before is None or before["stage"] != after["stage"],
        card=card_without_values(card),
        changed_at=at,
    )


def _ended(last: ScoreChange, before: dict[str, object] | None) -> ScoreChange:
    """The change that was really written, now with what stood before it."""
    last.pk = None
    last.before = before
    last.is_crossing = before is None or before["stage"] != (last.after or {}).get("stage")
    last.cause = _cause(before, (last.after or {}).get("total", 0))
    last.causes = [last.cause]
    return last


def _cause(before: dict[str, object] | None, total: int) -> Cause:
    """What rises was done by the lead, what falls by time."""
    if before is None:
        return Cause.LEAD_CREATED
    return Cause.ACTIVITY if total > int(str(before["total"])) else Cause.DAY
