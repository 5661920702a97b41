"""How the totals of a model lie: counted once by each run, so that a lead's percentile is a lookup.

The percentile of a total is the share of the model's scored leads that had a lower total when the distribution was made,
in whole percent, rounded down. So it is 0 where nobody had less, equal totals have equal percentiles, and one total that
came to be since may be above them all: 100. It says the same to everybody, whichever leads they may see.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from scoring.loader import zone_named
from scoring.models import ScoreDistribution, ScoringModel

_RENEW = """
    INSERT INTO scoring_scoredistribution (model_id, version_id, as_of, totals, below, leads)
    SELECT model.id, model.active_version_id, %(as_of)s, COALESCE(array_agg(each.total ORDER BY each.total)
           FILTER (WHERE each.total IS NOT NULL), '{}'), COALESCE(array_agg(each.below ORDER BY each.total)
           FILTER (WHERE each.total IS NOT NULL), '{}'), COALESCE(sum(each.leads), 0)
    FROM scoring_scoringmodel model
    LEFT JOIN (
        SELECT total, count(*) AS leads, (sum(count(*)) OVER (ORDER BY total) - count(*))::bigint AS below
        FROM scoring_score WHERE model_id = %(model)s GROUP BY total
    ) each ON true
    WHERE model.id = %(model)s AND model.active_version_id IS NOT NULL
    GROUP BY model.id
    ON CONFLICT (model_id) DO UPDATE SET version_id = EXCLUDED.version_id, as_of = EXCLUDED.as_of,
        totals = EXCLUDED.totals, below = EXCLUDED.below, leads = EXCLUDED.leads
"""


@dataclass(frozen=True, kw_only=True)
class Percentile:
    """Higher than `percent` (0 to 100, rounded down) of the `leads` that were scored on the day `as_of`."""

    percent: int
    leads: int
    as_of: date


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """The totals of one model on one day: the distinct ones, rising, and beside each how many leads had a lower one."""

    totals: Sequence[int]
    below: Sequence[int]
    leads: int
    as_of: date

    def of(self, total: int) -> Percentile:
        """Where a total stands. It need not be one that was counted."""
        place = bisect_left(self.totals, total)
        below = self.below[place] if place < len(self.below) else self.leads
        return Percentile(percent=100 * below // self.leads, leads=self.leads, as_of=self.as_of)


def distribution_renew(*, model_id: int) -> None:
    """Count how the totals of a model lie now, in one statement over its scores; a model never published has none."""
    model = ScoringModel.objects.get(pk=model_id)
    as_of = timezone.now().astimezone(zone_named(model.time_zone)).date()
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, {"model": model_id, "as_of": as_of})


def distribution_of(*, model_id: int) -> Distribution | None:
    """The distribution that the last run left; None before the first and where it counted nobody."""
    found = ScoreDistribution.objects.filter(model=model_id, leads__gt=0).first()
    if found is None:
        return None
    return Distribution(totals=found.totals, below=found.below, leads=found.leads, as_of=found.as_of)


def percentile_of(*, model_id: int, total: int) -> Percentile | None:
    """The share of scored leads with a lower total, in whole percent rounded down, and the day it is of.

    None before the model's first run is over, and where it scored nobody.
    """
    distribution = distribution_of(model_id=model_id)
    return distribution.of(total) if distribution else None
