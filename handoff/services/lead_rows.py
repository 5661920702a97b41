"""What settling needs to know about a set of leads, read under their locks in a constant number of queries."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from crm.models import Company, Lead
from handoff.models import Handoff, HandoffModel, HandoffPolicy, Suppression
from scoring.engine.matrix import Matrix
from scoring.loader import compiled_version
from scoring.models import MatrixVersion, Score, ScoringModel


@dataclass(kw_only=True)
class LeadRows:
    """One live lead with what is known of it here. `scores` stand in the order of their models' priority."""

    lead: Lead
    company_owner_id: int | None = None
    scores: list[Score] = field(default_factory=list)
    handoff: Handoff | None = None
    attached: set[int] = field(default_factory=set)
    suppression: Suppression | None = None

    @property
    def qualified(self) -> list[Score]:
        return [score for score in self.scores if score.is_qualified]


@dataclass(frozen=True, kw_only=True)
class Matrices:
    """Models, policies and versions that the scores of a set of leads speak of."""

    models: Mapping[int, ScoringModel]
    policies: Mapping[int, HandoffPolicy]
    versions: Mapping[int, MatrixVersion]

    def policy(self, model_id: int) -> HandoffPolicy:
        """A model's policy, or the defaults."""
        return self.policies.get(model_id) or HandoffPolicy(model=self.models[model_id])

    def line(self, version_id: int) -> int | None:
        """The total at which a version hands off; None where its stage asks for no points."""
        matrix = compiled_matrix(self.versions[version_id])
        return matrix.stages[matrix.hand_off_stage_index].at


def compiled_matrix(version: MatrixVersion) -> Matrix:
    """The matrix of a version, from this process's cache."""
    return compiled_version(version_id=version.pk, checksum=version.checksum).matrix


def leads_lock(lead_ids: Iterable[int]) -> dict[int, Lead]:
    """Lock leads in the order of their ids, as the scorers do; inserts that refer to them are not held up."""
    found = Lead.objects.filter(pk__in=list(lead_ids)).order_by("pk").select_for_update(no_key=True)
    return {lead.pk: lead for lead in found}


def with_survivors(lead_ids: Collection[int]) -> set[int]:
    """These leads and those they were merged into, however long the chain."""
    known, unasked = set(lead_ids), set(lead_ids)
    while unasked:
        targets = Lead.objects.filter(pk__in=unasked).exclude(merged_into=None).values_list("merged_into_id", flat=True)
        unasked = set(targets) - known
        known |= unasked
    return known


def rows_of(leads: Collection[Lead]) -> dict[int, LeadRows]:
    """All there is about these leads: scores, the open hand-off, the suppression, the owner of the company."""
    rows = {lead.pk: LeadRows(lead=lead) for lead in leads}
    owners = dict(
        Company.objects.filter(pk__in={lead.company_id for lead in leads if lead.company_id}).values_list(
            "pk", "owner_id"
        )
    )
    for row in rows.values():
        row.company_owner_id = owners.get(row.lead.company_id) if row.lead.company_id else None
    # Hand-offs first: a decision closes one and writes its suppression in one commit, and both are under the lead's lock.
    for handoff in Handoff.objects.filter(lead__in=rows, closed_at=None):
        rows[handoff.lead_id].handoff = handoff
    for suppression in Suppression.objects.filter(lead__in=rows):
        rows[suppression.lead_id].suppression = suppression
    open_ids = {row.handoff.pk: row for row in rows.values() if row.handoff}
    for attached in HandoffModel.objects.filter(handoff__in=open_ids):
        open_ids[attached.handoff_id].attached.add(attached.model_id)
    scores = Score.objects.filter(lead__in=rows).order_by("lead_id", "model__priority", "model_id")
    for score in scores:
        rows[score.lead_id].scores.append(score)
    return rows


def matrices_of(rows: Iterable[LeadRows]) -> Matrices:
    """The models and versions these leads' scores and hand-offs speak of."""
    models: set[int] = set()
    versions: set[int] = set()
    for row in rows:
        models |= row.attached | ({row.handoff.model_id} if row.handoff else set())
        for score in row.scores:
            models.add(score.model_id)
            versions.add(score.version_id)
    return Matrices(
        models=ScoringModel.objects.in_bulk(models),
        policies={policy.model_id: policy for policy in HandoffPolicy.objects.filter(model__in=models)},
        versions=MatrixVersion.objects.defer("document").in_bulk(versions),
    )
