"""The card from which a row of the queue says why: of the score as it is now, not as it once was."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from handoff.models import Handoff
from scoring.models import ScoreChange, ScoringModel
from scoring.queries import cards_for
from scoring.services.verdicts import card_without_values

#: A card and the version whose criteria it names.
Said = tuple[Mapping[str, Any], int]


def with_newest_change(handoffs: QuerySet[Handoff]) -> QuerySet[Handoff]:
    """With the newest change of the score of each: its card, null where a run made it, and its version."""
    newest = ScoreChange.objects.filter(
        lead=OuterRef("lead"), model=OuterRef("model"), version__isnull=False, after__isnull=False
    ).order_by("-pk")
    return handoffs.annotate(
        now_card=Subquery(newest.values("card")[:1]), now_version=Subquery(newest.values("version_id")[:1])
    )


def cards_said(handoffs: Sequence[Handoff]) -> dict[int, Said]:
    """The card of each hand-off of `with_newest_change`, by its id.

    That of the newest change; where a run made that and kept none, the engine's of today under the version that judges; where
    there is no score, that of the opening. Leads of one model are read together, however many they are.
    """
    said: dict[int, Said] = {}
    unsaid: dict[ScoringModel, list[Handoff]] = defaultdict(list)
    for handoff in handoffs:
        card, version_id = getattr(handoff, "now_card", None), getattr(handoff, "now_version", None)
        if card and card.get("ledger") and version_id:
            said[handoff.pk] = (card, version_id)
            continue
        said[handoff.pk] = (handoff.card, handoff.version_id)
        if version_id and card is None and handoff.model.active_version_id:
            unsaid[handoff.model].append(handoff)
    for model, waiting in unsaid.items():
        cards = cards_for([each.lead_id for each in waiting], model)
        for each in waiting:
            found = cards.get(each.lead_id)
            if found is not None and found.score is not None and model.active_version_id:
                said[each.pk] = (card_without_values(found), model.active_version_id)
    return said
