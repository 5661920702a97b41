"""Which leads are not at rest: what level-triggered qualification still has to do, found by looking at the rows.

At rest every qualified lead has exactly one open hand-off or one suppression, no other lead has a hand-off that should
have cooled or a suppression that has ended, and every key of the queue is made of the score of now.
"""

from datetime import datetime

from django.db import connection

from handoff.services.judging import LATE_COMMIT

_LATE_COMMIT = f"{LATE_COMMIT.total_seconds():.0f} seconds"

# Merged leads are few and found by their index: joining all leads instead would read the whole table each time.
_NOT_AT_REST = f"""
WITH merged AS MATERIALIZED (SELECT id FROM crm_lead WHERE merged_into_id IS NOT NULL)
SELECT lead_id FROM (
    -- Qualified, and nobody was told.
    SELECT s.lead_id
    FROM scoring_score AS s
    WHERE s.is_qualified AND s.lead_id > %(after)s AND s.lead_id NOT IN (SELECT id FROM merged)
      AND NOT EXISTS (SELECT 1 FROM handoff_handoff AS h WHERE h.lead_id = s.lead_id AND h.closed_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM handoff_suppression AS p WHERE p.lead_id = s.lead_id)
    UNION
    -- A suppression that ran out, or that something else has overtaken.
    SELECT p.lead_id
    FROM handoff_suppression AS p
    WHERE p.lead_id > %(after)s AND (
        p.until <= %(now)s
        OR p.lead_id IN (SELECT id FROM merged)
        OR EXISTS (SELECT 1 FROM handoff_handoff AS h WHERE h.lead_id = p.lead_id AND h.closed_at IS NULL)
        OR (p.reason = 'quiet'
            AND NOT EXISTS (SELECT 1 FROM scoring_score AS s WHERE s.lead_id = p.lead_id AND s.is_qualified))
        OR p.imported_by_id IN (SELECT imported_by_id FROM handoff_release WHERE per_day IS NULL OR finished_at IS NOT NULL)
        OR p.version_id IN (SELECT version_id FROM handoff_release WHERE per_day IS NULL OR finished_at IS NOT NULL)
        OR p.imported_by_id IN (SELECT id FROM crm_import WHERE handoffs = 'all')
    )
    UNION
    -- A suppression that news may end: the score was written again, or something was received, since the last look.
    SELECT p.lead_id
    FROM handoff_suppression AS p JOIN scoring_score AS s ON s.lead_id = p.lead_id AND s.is_qualified
    WHERE p.lead_id > %(after)s
      AND (p.reason = 'quiet' OR (p.reason = 'cool_down' AND p.may_return AND s.is_fast_tracked))
      AND ((p.basis #>> ARRAY[s.model_id::text, 'revision'])::bigint IS DISTINCT FROM s.revision
           OR EXISTS (SELECT 1 FROM crm_activity AS a
                      WHERE a.lead_id = p.lead_id AND a.received_at > p.looked_at - interval '{_LATE_COMMIT}'
                        AND (a.imported_by_id IS NULL
                             OR a.imported_by_id IN (SELECT id FROM crm_import WHERE handoffs = 'all'))))
    UNION
    -- An open hand-off whose lead was merged, fell, rose, qualified by another model, waits for a rep who is there, or
    -- came to somebody who was just leaving.
    SELECT h.lead_id
    FROM handoff_handoff AS h
    CROSS JOIN LATERAL (
        SELECT (array_agg(s.total ORDER BY s.is_qualified DESC, m.priority, m.id))[1] AS total,
               coalesce(bool_or(s.is_qualified), false) AS is_qualified,
               coalesce(bool_or(s.is_fast_tracked AND s.is_qualified), false) AS is_fast_tracked,
               coalesce(bool_or(s.is_qualified AND t.id IS NULL), false) AS is_unattached
        FROM scoring_score AS s
        JOIN scoring_scoringmodel AS m ON m.id = s.model_id
        LEFT JOIN handoff_handoffmodel AS t ON t.handoff_id = h.id AND t.model_id = s.model_id
        WHERE s.lead_id = h.lead_id
    ) AS now
    WHERE h.closed_at IS NULL AND h.lead_id > %(after)s AND (
        h.lead_id IN (SELECT id FROM merged)
        OR now.is_unattached
        OR (h.state IN ('waiting', 'claimed') AND (
            (NOT now.is_qualified AND (h.cooled_at IS NULL OR h.sla_due_at <= %(now)s))
            OR (now.is_qualified AND h.below_since IS NOT NULL)
        ))
        OR (h.routed_because ->> 'code' = 'nobody' AND h.owner_id IS NULL AND %(has_reps)s)
        OR h.owner_id IN (SELECT id FROM accounts_user WHERE left_at IS NOT NULL AND NOT is_active)
        OR (now.total IS NOT NULL
            AND (now.total <> h.total OR now.is_fast_tracked <> h.is_fast_tracked))
    )
) AS restless
ORDER BY lead_id
LIMIT %(limit)s
"""  # noqa: S608 - made of a constant of this module


def leads_not_at_rest(*, now: datetime, has_reps: bool, after: int, limit: int) -> list[int]:
    """The next leads to settle, by id, beyond `after`; `has_reps` says whether anybody takes hand-offs today."""
    with connection.cursor() as cursor:
        cursor.execute(_NOT_AT_REST, {"now": now, "has_reps": has_reps, "after": after, "limit": limit})
        return [lead_id for (lead_id,) in cursor.fetchall()]
