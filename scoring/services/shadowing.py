"""Shadows: a draft is judged each day beside the published version, until somebody ends it or the draft is another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.models import User
from accounts.services import audit_record
from crm.services.retrying import retried
from kernel.errors import ConflictError
from scoring.models import MatrixVersion, ScoringModel, Shadow, ShadowDay

#: Each is a judgement of everybody a night.
MOST_OPEN: Final = 3
_AT_ONCE: Final = 20_000
_DRAFTS: Final = (MatrixVersion.State.DRAFT, MatrixVersion.State.IN_REVIEW)

# Who was merged or erased since they were judged is left out, and is not erased before this commits.
_KEEP_LEADS: Final = """
INSERT INTO scoring_shadowlead (shadow_id, lead_id, side, first_on, last_on, total_published, total_shadow)
SELECT %(shadow)s, lead.id, CASE WHEN v.is_shadows THEN 'shadow' ELSE 'published' END, %(day)s, %(day)s,
       v.total_published, v.total_shadow
FROM unnest(%(leads)s::bigint[], %(is_shadows)s::boolean[], %(published)s::bigint[], %(shadows)s::bigint[])
     AS v(lead_id, is_shadows, total_published, total_shadow)
JOIN crm_lead lead ON lead.id = v.lead_id AND lead.merged_into_id IS NULL
ORDER BY lead.id
FOR KEY SHARE OF lead
ON CONFLICT (shadow_id, side, lead_id) DO UPDATE
SET last_on = excluded.last_on, total_published = excluded.total_published, total_shadow = excluded.total_shadow
"""

# Rows of merged leads become those of whom they were merged into in the end; of two the wider days and the later totals.
_FOLLOW_MERGES: Final = """
WITH RECURSIVE chain AS (
    SELECT own.id AS row_id, lead.merged_into_id AS lead_id
    FROM scoring_shadowlead own JOIN crm_lead lead ON lead.id = own.lead_id
    WHERE lead.merged_into_id IS NOT NULL
    UNION ALL
    SELECT chain.row_id, lead.merged_into_id
    FROM chain JOIN crm_lead lead ON lead.id = chain.lead_id
    WHERE lead.merged_into_id IS NOT NULL
), gone AS (
    DELETE FROM scoring_shadowlead own
    USING chain JOIN crm_lead lead ON lead.id = chain.lead_id AND lead.merged_into_id IS NULL
    WHERE own.id = chain.row_id
    RETURNING own.shadow_id, own.side, own.first_on, own.last_on, own.total_published, own.total_shadow, lead.id AS lead_id
)
INSERT INTO scoring_shadowlead AS kept (shadow_id, lead_id, side, first_on, last_on, total_published, total_shadow)
SELECT shadow_id, lead_id, side, min(first_on), max(last_on),
       (array_agg(total_published ORDER BY last_on DESC, total_published DESC))[1],
       (array_agg(total_shadow ORDER BY last_on DESC, total_shadow DESC))[1]
FROM gone
GROUP BY shadow_id, lead_id, side
ON CONFLICT (shadow_id, side, lead_id) DO UPDATE
SET first_on = least(kept.first_on, excluded.first_on), last_on = greatest(kept.last_on, excluded.last_on),
    total_published = CASE WHEN kept.last_on >= excluded.last_on THEN kept.total_published ELSE excluded.total_published END,
    total_shadow = CASE WHEN kept.last_on >= excluded.last_on THEN kept.total_shadow ELSE excluded.total_shadow END
"""


@dataclass(frozen=True, kw_only=True)
class DayJudged:
    """What a day's judgement found, as columns by lead: who is handed off by one alone, whether by the shadow, and both
    totals with whether there is one. `published_number` is the version it was held against."""

    as_of: date
    published_number: int
    both: int
    lead_ids: NDArray[np.int64]
    is_shadows: NDArray[np.bool_]
    totals: tuple[NDArray[Any], NDArray[Any]]
    is_scored: tuple[NDArray[Any], NDArray[Any]]


@transaction.atomic
def shadow_start(*, version_id: int, by: User) -> Shadow:
    """Judge this draft beside the published version from now on, each day once.

    Raises ConflictError where it is no draft any more or runs already, where its model has no published version, and where
    three of the model run.
    """
    model_id = MatrixVersion.objects.values_list("model_id", flat=True).get(pk=version_id)
    # One start at a time for each model, or two would both be the third.
    model = ScoringModel.objects.select_for_update(no_key=True, of=("self",)).get(pk=model_id)
    version = MatrixVersion.objects.get(pk=version_id)
    if version.state not in _DRAFTS:
        raise ConflictError(
            _("Only a draft runs as a shadow: make a new version from this one and let that run."), code="not_a_draft"
        )
    if model.active_version_id is None:
        raise ConflictError(
            _("Nothing is published for this model yet, so there is nothing to compare with: publish a version first."),
            code="not_published",
        )
    _stale_end(Shadow.objects.filter(version__model=model_id).select_for_update(of=("self",)))
    running = list(Shadow.objects.filter(version__model=model_id, ended_at=None).select_related("version__model"))
    if any(each.version_id == version_id for each in running):
        raise ConflictError(_("This draft runs as a shadow already."), code="already_a_shadow")
    if len(running) >= MOST_OPEN:
        raise ConflictError(
            _("%(most)s shadows of this model run already (%(which)s): end one of them first.")
            % {"most": MOST_OPEN, "which": ", ".join(f"v{each.version.number}" for each in running)},
            code="too_many_shadows",
        )
    shadow = Shadow.objects.create(version=version, started_by=by, checksum=version.checksum)
    _tell("shadow.start", shadow, by)
    return shadow


@transaction.atomic
def shadow_end(*, shadow_id: int, by: User) -> Shadow:
    """Judge it no more; what was found stays. Raises ConflictError where it has ended already."""
    shadow = Shadow.objects.select_for_update().get(pk=shadow_id)
    if shadow.ended_at is not None:
        raise ConflictError(_("This shadow has ended already."), code="shadow_ended")
    _end(shadow, Shadow.Ended.ASKED, by)
    return shadow


@transaction.atomic
def shadows_end_stale() -> int:
    """End those whose draft was edited, published or retired since, and answer how many; one whose day is just being written
    is looked at the next time."""
    return _stale_end(Shadow.objects.select_for_update(of=("self",), skip_locked=True))


def why_over(shadow: Shadow) -> Shadow.Ended | None:
    """Why an open shadow has nothing more to judge; None where it goes on."""
    version = shadow.version
    if version.published_at is not None:
        return Shadow.Ended.PUBLISHED
    if version.state not in _DRAFTS:
        return Shadow.Ended.RETIRED
    return Shadow.Ended.EDITED if version.checksum != shadow.checksum else None


def shadow_day_record(*, shadow_id: int, day: DayJudged) -> bool:
    """Write what a day's judgement found: the day and everybody of it, or nothing. Whether it did.

    Nothing is written where the day is judged already, and where the shadow, its draft or what is published is not what was
    judged any more.
    """
    return retried(lambda: _record(shadow_id, day))


@transaction.atomic
def shadow_leads_follow() -> int:
    """Give what is kept of merged leads to whom they were merged into, and answer how many rows were written."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW_MERGES)
        return int(cursor.rowcount)


def _record(shadow_id: int, day: DayJudged) -> bool:
    shadow = Shadow.objects.select_for_update().get(pk=shadow_id)
    if shadow.ended_at is not None or (shadow.judged_on is not None and shadow.judged_on >= day.as_of):
        return False
    version = MatrixVersion.objects.select_related("model__active_version").get(pk=shadow.version_id)
    published = version.model.active_version
    if why_over(shadow) is not None or published is None or published.number != day.published_number:
        return False
    alone = int(np.count_nonzero(day.is_shadows))
    ShadowDay.objects.create(
        shadow=shadow,
        as_of=day.as_of,
        published=published,
        qualified_both=day.both,
        qualified_published_only=len(day.lead_ids) - alone,
        qualified_shadow_only=alone,
    )
    with connection.cursor() as cursor:
        for part in _parts(day):
            cursor.execute(_KEEP_LEADS, {"shadow": shadow_id, "day": day.as_of, **part})
    shadow.judged_on = day.as_of
    shadow.save(update_fields=["judged_on"])
    return True


def _parts(day: DayJudged) -> Iterator[dict[str, list[Any]]]:
    # By id, so that two who write about the same leads wait for each other in one order.
    order = np.argsort(day.lead_ids, kind="stable")
    for start in range(0, len(order), _AT_ONCE):
        at = order[start : start + _AT_ONCE]
        published, shadows = (
            [total if there else None for total, there in zip(totals[at].tolist(), scored[at].tolist(), strict=True)]
            for totals, scored in zip(day.totals, day.is_scored, strict=True)
        )
        yield {
            "leads": day.lead_ids[at].tolist(),
            "is_shadows": day.is_shadows[at].tolist(),
            "published": published,
            "shadows": shadows,
        }


def _stale_end(shadows: QuerySet[Shadow]) -> int:
    ended = 0
    for shadow in shadows.filter(ended_at=None).select_related("version").order_by("pk"):
        because = why_over(shadow)
        if because is not None:
            _end(shadow, because, None)
            ended += 1
    return ended


def _end(shadow: Shadow, because: Shadow.Ended, by: User | None) -> None:
    shadow.ended_at, shadow.ended_because = timezone.now(), because
    shadow.save(update_fields=["ended_at", "ended_because"])
    _tell("shadow.end", shadow, by)


def _tell(action: str, shadow: Shadow, by: User | None) -> None:
    version = shadow.version
    audit_record(
        action=action,
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={
            "number": version.number,
            "shadow": shadow.pk,
            **({"because": shadow.ended_because} if shadow.ended_because else {}),
        },
    )
