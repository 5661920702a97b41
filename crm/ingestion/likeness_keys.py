"""The hand-written SQL by which possible duplicates are brought together: leads that share a key, without comparing all.

Their keys are kept, so that a sweep of a million leads holds a chunk of them in memory and goes on where it was cut short.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from django.db import connection
from psycopg2.extras import execute_values

from crm.models import LikenessKey

# More leads than this share a key for another reason than being one person.
GROUP_LIMIT: Final = 20

_ADD = """
INSERT INTO crm_likenesskey (lead_id, key) SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING
"""
# Keys that too many share bring nobody together. What is not among the leads asked about is found by its index.
_PAIRS = """
WITH mine AS MATERIALIZED (
    SELECT key, lead_id FROM crm_likenesskey AS own
    WHERE lead_id = ANY(%(leads)s) AND (
        SELECT count(*) FROM (SELECT 1 FROM crm_likenesskey AS any_of WHERE any_of.key = own.key LIMIT %(most)s + 1) AS all_of
    ) <= %(most)s
)
SELECT DISTINCT LEAST(mine.lead_id, other.lead_id), GREATEST(mine.lead_id, other.lead_id)
FROM mine JOIN crm_likenesskey other ON other.key = mine.key
WHERE other.lead_id < mine.lead_id OR (%(both)s AND other.lead_id > mine.lead_id)
ORDER BY 1, 2
"""
# What senders reported keeps its reason; what somebody settled stays settled.
_SUGGEST = """
INSERT INTO crm_possibleduplicate AS known (first_id, second_id, reason, evidence, likeness, settled_as, created_at)
VALUES %s
ON CONFLICT (first_id, second_id) DO UPDATE SET
    likeness = GREATEST(EXCLUDED.likeness, CASE WHEN known.reason = ANY(EXCLUDED_REPORTED) THEN 50 ELSE 0 END),
    evidence = EXCLUDED.evidence,
    reason = CASE WHEN known.reason = ANY(EXCLUDED_REPORTED) THEN known.reason ELSE EXCLUDED.reason END
WHERE known.settled_at IS NULL
RETURNING (xmax = 0)
"""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Two leads, the smaller id first, and why."""

    first_id: int
    second_id: int
    reason: str
    evidence: Sequence[str]
    likeness: int


def keys_write(keys: Mapping[int, Iterable[str]]) -> None:
    """The keys of leads as they are now, in the caller's transaction; only what is new or gone is written."""
    wanted = {(lead_id, _number(key)) for lead_id, texts in keys.items() for key in texts}
    known = LikenessKey.objects.filter(lead__in=keys.keys())
    there = {(lead_id, key): pk for pk, lead_id, key in known.values_list("pk", "lead_id", "key")}
    LikenessKey.objects.filter(pk__in=[pk for pair, pk in there.items() if pair not in wanted]).delete()
    new = sorted(wanted - there.keys())
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [[lead_id for lead_id, _key in new], [key for _lead_id, key in new]])


def pairs_sharing(lead_ids: Iterable[int], *, with_later: bool) -> list[tuple[int, int]]:
    """Pairs of these leads with any that share a key, the smaller id first.

    Without `with_later` only with leads of smaller ids: so each pair is met once by who goes through all of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"leads": sorted(lead_ids), "most": GROUP_LIMIT, "both": with_later})
        return [(first, second) for first, second in cursor.fetchall()]


def suggestions_write(suggestions: Sequence[Suggestion], *, reported: Iterable[str]) -> int:
    """Store what is suggested, or say it anew of a pair that waits: how many are new."""
    if not suggestions:
        return 0
    reasons = ", ".join(f"'{reason}'" for reason in sorted(reported))
    values = [
        (each.first_id, each.second_id, each.reason, json.dumps(each.evidence), each.likeness, "")
        for each in suggestions
    ]
    with connection.cursor() as cursor:
        found = execute_values(
            cursor.cursor,
            _SUGGEST.replace("EXCLUDED_REPORTED", f"ARRAY[{reasons}]"),
            values,
            template="(%s, %s, %s, %s, %s, %s, now())",
            page_size=len(values),
            fetch=True,
        )
    return sum(is_new for (is_new,) in found)


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)
