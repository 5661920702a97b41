"""A range judged lead by lead by the engine: what bulk judgement must not or could not do, with a card for each change."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crm.models import Cause, Lead
from crm.queries import facts_for_leads
from scoring.services.imported import imports_alone
from scoring.services.score_rows import StoredScore, scores_of_leads, scores_of_range
from scoring.services.verdicts import Judge, Verdict, verdict, verdicts_write

logger = logging.getLogger(__name__)

# Leads whose facts are in memory at once.
CHUNK = 512


@dataclass(frozen=True, kw_only=True)
class Written:
    """The leads looked at, those whose score was written, and those to be judged again singly."""

    leads: int
    changed: list[int]
    again: list[int]


def range_judge_by_engine(judge: Judge, *, lead_from: int, lead_to: int, cause: Cause) -> Written:
    """Judge all leads of a range. Revisions first, facts after: facts are never older than the revision that the write is
    held against. Leads without a score have none: they are locked before their facts are read."""
    stored = scores_of_range(model_id=judge.model_id, lead_from=lead_from, lead_to=lead_to)
    present = Lead.objects.filter(pk__range=(lead_from, lead_to), merged_into=None).order_by("pk")
    lead_ids = sorted({*present.values_list("pk", flat=True), *(each.lead_id for each in stored)})
    leads_lock(set(lead_ids).difference(each.lead_id for each in stored))
    return _judge(judge, lead_ids, stored, cause)


def leads_judge_by_engine(judge: Judge, lead_ids: Sequence[int], *, cause: Cause) -> Written:
    """Judge these, whose locks the caller holds."""
    stored = [each for each in scores_of_leads(lead_ids=lead_ids) if each.model_id == judge.model_id]
    return _judge(judge, lead_ids, stored, cause)


def leads_lock(lead_ids: Collection[int]) -> None:
    """Keep others from judging these leads, in the order in which everybody locks them."""
    if lead_ids:
        rows = Lead.objects.filter(pk__in=sorted(lead_ids)).order_by("pk").select_for_update(no_key=True)
        list(rows.values_list("pk"))


def _judge(judge: Judge, lead_ids: Sequence[int], stored: Sequence[StoredScore], cause: Cause) -> Written:
    scores = {each.lead_id: each for each in stored}
    due = [lead_id for lead_id in lead_ids if lead_id not in scores or not _is_later(scores[lead_id], judge)]
    verdicts, failed = _verdicts(judge, due, scores)
    differing = [each for each in verdicts if not each.is_equal]
    # An import's rows may wait while we judge its leads: what they cross by is the import's all the same.
    imports = imports_alone([each.lead_id for each in differing]) if differing else {}
    causes = {lead_id: [cause.value] for lead_id in due if lead_id not in scores}
    held = verdicts_write(differing, causes=causes, imports=imports)
    changed = [each.lead_id for each in held]
    again = sorted({each.lead_id for each in differing}.difference(changed).union(failed))
    return Written(leads=len(lead_ids), changed=changed, again=again)


def _is_later(stored: StoredScore, judge: Judge) -> bool:
    """Judged by this version on this day or later: by the event path, from facts at least as new as ours."""
    return (stored.number, stored.as_of) >= (judge.number, judge.as_of)


def _verdicts(judge: Judge, lead_ids: Sequence[int], scores: dict[int, StoredScore]) -> tuple[list[Verdict], list[int]]:
    """The verdicts, and the leads that could not be evaluated."""
    verdicts: list[Verdict] = []
    failed: list[int] = []
    for start in range(0, len(lead_ids), CHUNK):
        chunk = lead_ids[start : start + CHUNK]
        facts = facts_for_leads(chunk)
        for lead_id in chunk:
            try:
                verdicts.append(
                    verdict(judge=judge, lead_id=lead_id, facts=facts.get(lead_id), before=scores.get(lead_id))
                )
            except Exception:
                logger.exception("Lead %s could not be judged in bulk; it is tried alone.", lead_id)
                failed.append(lead_id)
    return verdicts, failed
