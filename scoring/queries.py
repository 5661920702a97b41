"""What the models say of leads: cards live or recomputed, history, timeline, forecast. Reads only, writes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Activity
from crm.queries import facts_for_leads
from kernel.errors import ConflictError
from scoring.activity_points import Part, activity_parts
from scoring.engine import Card, Facts, Matrix, evaluate, plain
from scoring.engine.explain import Forecast, WhyNot, forecast, why_not
from scoring.loader import compiled_version, facts_on, zone_named
from scoring.models import MatrixVersion, ScoreChange, ScoringModel
from scoring.services.score_rows import scores_of_leads


def score_card(
    *,
    lead_id: int,
    model_id: int,
    as_of: date | None = None,
    known_at: datetime | None = None,
    version: int | None = None,
) -> dict[str, object]:
    """The card of SCORING 4.7: live, or recomputed on any day, from what was known at any time, under any version.

    `as_of` defaults to the day of `known_at` in the model's zone, or to today; `version` is a number of the model and
    defaults to the active one. Raises ConflictError where the model has no such version or none is active, and where
    there are no facts of the lead (merged into another, or not yet known then).
    """
    judged = _version_of(model_id, version)
    card, _facts = _card(lead_id, judged, as_of=as_of, known_at=known_at)
    written = plain(card.to_json())
    return written if isinstance(written, dict) else {}


def cards_for(
    lead_ids: Collection[int], model: ScoringModel, *, version: MatrixVersion | None = None
) -> dict[int, Card]:
    """The cards of these leads today, under the active version or another; leads without facts are left out.

    The same number of queries for one lead and for a hundred.
    """
    judged = version or _version_of(model.pk, None)
    compiled = compiled_version(version_id=judged.pk, checksum=judged.checksum)
    as_of = timezone.now().astimezone(compiled.zone).date()
    return {
        lead_id: evaluate(
            compiled,
            facts_on(facts, as_of=as_of, zone=compiled.zone),
            as_of,
            model=model.slug,
            version=judged.number,
        )
        for lead_id, facts in facts_for_leads(list(lead_ids)).items()
    }


def score_history(*, lead_id: int, model_id: int, limit: int = 200) -> list[dict[str, object]]:
    """The changes of a score, newest first: before, after, cause and what was said then, which is None where a bulk run
    changed it: `score_card` says it again, asked with the change's version and day and with its time as `known_at`.

    Each `before` says what the `after` of the one below it said, but for version and day, which move on silently.
    """
    changes = ScoreChange.objects.filter(lead=lead_id, model=model_id).order_by("-pk")[:limit]
    return [
        {
            "id": each.pk,
            "changed_at": each.changed_at.isoformat(),
            "cause": each.cause,
            "causes": each.causes,
            "is_crossing": each.is_crossing,
            "before": each.before,
            "after": each.after,
            "card": each.card,
        }
        for each in changes
    ]


def timeline_for(
    *, lead_id: int, model_id: int, limit: int = 200, before: tuple[datetime, int] | None = None
) -> list[dict[str, object]]:
    """What the lead did, newest first, with the points each activity is worth today.

    `points` are those of the criteria that count the activity, each times its unit (share times repeat factor) and
    rounded half away from zero, so before the limits of criterion, group and dimension and before weights: the sum over
    a timeline may differ from the total by limits and by rounding, and the card says by how much. A criterion that
    weighs several activities as one (reached, rising, silent) gives no single one points: it stands in `parts` with
    `points` null. `before` is (occurred_at, id) of the last row of the page before.
    """
    rows = Activity.objects.filter(lead=lead_id).order_by("-occurred_at", "-pk")
    if before is not None:
        moment, pk = before
        rows = rows.filter(occurred_at__lte=moment).exclude(occurred_at=moment, pk__gte=pk)
    parts = _timeline_parts(lead_id, model_id)
    return [_timeline_row(each, parts.get(f"{each.feed}:{each.message_id}", [])) for each in rows[:limit]]


def forecast_for(*, lead_id: int, model_id: int, days: int = 90) -> tuple[Forecast, Matrix]:
    """How the score moves on the coming days if nothing happens, and the matrix whose labels name its stages."""
    judged = _version_of(model_id, None)
    card, facts = _card(lead_id, judged)
    compiled = compiled_version(version_id=judged.pk, checksum=judged.checksum)
    return forecast(compiled, facts, card.as_of, days=days), compiled.matrix


def why_not_for(*, lead_id: int, model_id: int) -> tuple[WhyNot, Matrix]:
    """What holds the lead from the next stage, and the matrix whose labels name it."""
    judged = _version_of(model_id, None)
    card, facts = _card(lead_id, judged)
    compiled = compiled_version(version_id=judged.pk, checksum=judged.checksum)
    return why_not(compiled, facts, card.as_of), compiled.matrix


def version_at(*, model_id: int, moment: datetime) -> MatrixVersion | None:
    """The version that judged at a moment; None where none was published yet."""
    published = MatrixVersion.objects.filter(model=model_id, published_at__lte=moment)
    return published.order_by("-published_at", "-number").first()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a stored score stands for: the later of its row's version and day and of its range's."""

    version: int
    as_of: date


def standings_for(lead_ids: Collection[int], *, model_id: int) -> dict[int, Standing]:
    """By lead, the version and day of its stored score; leads without one are left out."""
    return {
        each.lead_id: Standing(version=each.effective_number, as_of=each.effective_as_of)
        for each in scores_of_leads(lead_ids=list(lead_ids))
        if each.model_id == model_id
    }


def _version_of(model_id: int, number: int | None) -> MatrixVersion:
    versions = MatrixVersion.objects.select_related("model").defer("document")
    if number is not None:
        found = versions.filter(model=model_id, number=number).first()
        if found is None:
            raise ConflictError(_("This model has no version %(number)s.") % {"number": number}, code="no_such_version")
        return found
    found = versions.filter(model=model_id, state=MatrixVersion.State.PUBLISHED).first()
    if found is None:
        raise ConflictError(_("This model has no published version yet: publish one."), code="not_published")
    return found


def _card(
    lead_id: int, version: MatrixVersion, *, as_of: date | None = None, known_at: datetime | None = None
) -> tuple[Card, Facts]:
    compiled = compiled_version(version_id=version.pk, checksum=version.checksum)
    zone: tzinfo = zone_named(compiled.matrix.timezone)
    day = as_of or (known_at or timezone.now()).astimezone(zone).date()
    # Live facts need no history; those of another day or time are wound back along it.
    known = facts_for_leads([lead_id], as_of=day if as_of or known_at else None, known_at=known_at, zone=zone).get(
        lead_id
    )
    if known is None:
        raise ConflictError(_("Nothing was known of this lead then, or it was merged into another."), code="no_facts")
    facts = facts_on(known, as_of=day, zone=zone)
    return evaluate(compiled, facts, day, model=version.model.slug, version=version.number), facts


def _timeline_parts(lead_id: int, model_id: int) -> Mapping[str, list[Part]]:
    try:
        judged = _version_of(model_id, None)
        card, _facts = _card(lead_id, judged)
    except ConflictError:
        # Without a version or facts there are no points, yet what happened is still to be seen.
        return {}
    compiled = compiled_version(version_id=judged.pk, checksum=judged.checksum)
    return activity_parts(card, compiled.matrix)


def _timeline_row(activity: Activity, parts: list[Part]) -> dict[str, object]:
    known = [part.points for part in parts if part.points is not None]
    return {
        "id": f"{activity.feed}:{activity.message_id}",
        "pk": activity.pk,
        "kind": activity.kind,
        "occurred_at": activity.occurred_at.isoformat(),
        "url": activity.url,
        "subject": activity.subject,
        "value": plain(activity.value),
        "source": activity.source,
        "is_bot": activity.is_bot,
        "withdrawn": activity.withdrawn_at is not None,
        "points": sum(known),
        "parts": [{"criterion": each.criterion, "label": each.label, "points": each.points} for each in parts],
    }
