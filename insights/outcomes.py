"""Whether a version qualifies the right leads: precision and recall of its hand-off line where outcomes are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from insights.stats import Interval, wilson
from insights.wording import share_words
from scoring.models import MatrixVersion
from scoring.preview.deeds import leads_who
from scoring.workbench_shown.impact import qualified_ids

Ids = NDArray[np.int64]
#: Fewer good outcomes say little.
FEW: Final = 30
_DEEDS: Final = {"won": ["deal_won"], "lost": ["deal_lost"], "conversation": ["conversation"]}
# The last word of sales about each lead; of a merged one about whom it was merged into.
_DECIDED: Final = """
WITH RECURSIVE decision AS (
    SELECT handoff.lead_id, event.kind, event.id
    FROM handoff_handoffevent event JOIN handoff_handoff handoff ON handoff.id = event.handoff_id
    WHERE event.kind IN ('accepted', 'rejected')
), up AS (
    SELECT decision.kind, decision.id, lead.id AS lead_id, lead.merged_into_id
    FROM decision JOIN crm_lead lead ON lead.id = decision.lead_id
    UNION ALL
    SELECT up.kind, up.id, lead.id, lead.merged_into_id FROM up JOIN crm_lead lead ON lead.id = up.merged_into_id
)
SELECT DISTINCT ON (lead_id) lead_id, kind = 'accepted' FROM up WHERE merged_into_id IS NULL ORDER BY lead_id, id DESC
"""


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many of so many, with the interval of that share; None of nobody."""

    count: int
    of: int
    rate: Interval | None

    @property
    def words(self) -> str:
        return share_words(self.rate)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One version. `precision`: of the qualified leads with a known outcome those with a good one. `recall`: of the good
    outcomes those whose lead is qualified."""

    precision: Share
    recall: Share


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`known` leads have this outcome or its opposite, `good` of them this one."""

    key: str
    known: int
    good: int
    published: Side
    draft: Side

    @property
    def is_few(self) -> bool:
        return self.good < FEW


def outcomes(version: MatrixVersion) -> list[Outcome] | None:
    """For each outcome that is known of anybody, how the published version and this one stand to it as of today.

    None while figures are measured. Won against lost deals; hand-offs accepted against rejected, by the last decision;
    conversations among the leads that sales decided about or spoke with.
    """
    qualified, deeds = qualified_ids(version), leads_who(_DEEDS)
    if qualified is None or deeds is None:
        return None
    accepted, rejected = _decided()
    spoken = deeds["conversation"]
    pairs: Mapping[str, tuple[Ids, Sequence[Ids]]] = {
        "won": (deeds["won"], [deeds["lost"]]),
        "accepted": (accepted, [rejected]),
        "conversation": (spoken, [accepted, rejected]),
    }
    found = [
        _outcome(key, good, np.unique(np.concatenate([good, *others])), qualified)
        for key, (good, others) in pairs.items()
    ]
    # Conversations alone, with nobody who was handed over and not spoken with, say nothing.
    return [each for each in found if each.known and (each.key != "conversation" or each.known > each.good)]


def _decided() -> tuple[Ids, Ids]:
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED)
        rows = cursor.fetchall()
    accepted, rejected = (
        np.array([lead_id for lead_id, is_accepted in rows if is_accepted is side], np.int64) for side in (True, False)
    )
    return accepted, rejected


def _outcome(key: str, good: Ids, known: Ids, qualified: tuple[Ids, Ids]) -> Outcome:
    good = np.unique(good)
    published, draft = (_side(good, known, each) for each in qualified)
    return Outcome(key=key, known=len(known), good=len(good), published=published, draft=draft)


def _side(good: Ids, known: Ids, qualified: Ids) -> Side:
    hits = int(np.isin(good, qualified).sum())
    named = int(np.isin(known, qualified).sum())
    return Side(
        precision=Share(count=hits, of=named, rate=wilson(hits, named)),
        recall=Share(count=hits, of=len(good), rate=wilson(hits, len(good))),
    )
