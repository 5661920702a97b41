"""How a model's totals stood against what became of the leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from crm.models import Lead
from insights.stats import Interval, auc, wilson
from kernel.errors import BadRequestError
from scoring.models import Score, ScoringModel


@dataclass(frozen=True, kw_only=True)
class Rival:
    """Another number held against the same outcomes, on the leads that have it; `ours` is our AUC on the same leads."""

    name: str
    leads: int
    theirs: float | None
    ours: float | None


@dataclass(frozen=True, kw_only=True)
class Band:
    """One tenth of the leads by total, highest first, and how many of them converted."""

    lowest: int
    highest: int
    leads: int
    converted: int
    rate: Interval | None


@dataclass(frozen=True, kw_only=True)
class OutcomeReport:
    leads: int
    converted: int
    auc: float | None
    rivals: Sequence[Rival]
    bands: Sequence[Band]


def outcome_report(*, model: ScoringModel, outcome: str, rivals: Mapping[str, Sequence[str]]) -> OutcomeReport:
    """Hold the stored totals of `model` against the yes-or-no lead attribute `outcome`.

    `rivals` are other scores by name, each the sum of lead attributes. Leads without an outcome or a score are left out.
    """
    totals = dict(Score.objects.filter(model=model).values_list("lead_id", "total"))
    facts = {
        lead_id: attributes
        for lead_id, attributes in Lead.objects.filter(merged_into=None).values_list("pk", "attributes")
        if lead_id in totals and isinstance(attributes.get(outcome), bool)
    }
    if not facts:
        raise BadRequestError(
            _("No scored lead has the yes-or-no attribute “%(name)s”. Import outcomes first.") % {"name": outcome},
            code="no_outcomes",
        )
    rows = [(totals[lead_id], bool(attributes[outcome])) for lead_id, attributes in facts.items()]
    return OutcomeReport(
        leads=len(rows),
        converted=sum(converted for _total, converted in rows),
        auc=auc([total for total, _converted in rows], [converted for _total, converted in rows]),
        rivals=[_rival(name, fields, facts, totals, outcome) for name, fields in rivals.items()],
        bands=_bands(rows),
    )


def _rival(
    name: str, fields: Sequence[str], facts: Mapping[int, Mapping[str, object]], totals: Mapping[int, int], outcome: str
) -> Rival:
    sums: dict[int, float] = {}
    for lead_id, attributes in facts.items():
        parts = [_number(attributes.get(field)) for field in fields]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            sums[lead_id] = sum(known)
    outcomes = [bool(facts[lead_id][outcome]) for lead_id in sums]
    return Rival(
        name=name,
        leads=len(sums),
        theirs=auc(list(sums.values()), outcomes),
        ours=auc([totals[lead_id] for lead_id in sums], outcomes),
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(Decimal(str(value)))
    except InvalidOperation:
        return None


def _bands(rows: Sequence[tuple[int, bool]]) -> list[Band]:
    ordered = sorted(rows, key=lambda row: -row[0])
    bands = []
    for tenth in range(10):
        part = ordered[len(ordered) * tenth // 10 : len(ordered) * (tenth + 1) // 10]
        if part:
            converted = sum(outcome for _total, outcome in part)
            bands.append(
                Band(
                    lowest=part[-1][0],
                    highest=part[0][0],
                    leads=len(part),
                    converted=converted,
                    rate=wilson(converted, len(part)),
                )
            )
    return bands
