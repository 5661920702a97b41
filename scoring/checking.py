"""The independent check of what is stored: each score against the engine, under the score's own version and day.

It shares nothing with the write path but the engine and the query of facts, and reads the tables in its own way, so
that a mistake made there is not made here again.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Mod

from crm.models import Lead, Quarantine, Work
from crm.queries import LeadFacts, facts_for_leads
from scoring.engine import Card, CompiledMatrix, EngineError, compile_matrix, evaluate, parse_facts, parse_matrix
from scoring.models import MatrixVersion, Run, Score, ScoreChange, ScoredRange, ScoringModel

CHUNK = 500
_SAID = ("total", "fit", "behavior", "qualification", "grade", "level", "rating", "stage", "decided_by", "is_qualified")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is not as the engine says. `kind`: differs, ledger, missing, extra, outdated, history or
    unreadable."""

    lead_id: int
    model: str
    kind: str
    detail: str

    def __str__(self) -> str:
        return f"lead {self.lead_id}, model {self.model}: {self.kind}: {self.detail}"


@dataclass(kw_only=True)
class CheckReport:
    """`waiting` and `quarantined` leads have work or a reason that excuses them; they are named and not compared."""

    leads: int = 0
    scores: int = 0
    waiting: int = 0
    quarantined: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Version:
    id: int
    number: int
    compiled: CompiledMatrix


@dataclass(kw_only=True)
class _Model:
    """A model with the ranges that speak for its leads, and whether a run is still bringing them up."""

    id: int
    slug: str
    active: _Version | None
    ranges: list[ScoredRange]
    is_running: bool
    versions: dict[int, _Version]

    def range_of(self, lead_id: int) -> ScoredRange | None:
        place = bisect_right(self.ranges, lead_id, key=lambda each: each.lead_from) - 1
        return self.ranges[place] if place >= 0 and lead_id <= self.ranges[place].lead_to else None

    def version(self, version_id: int) -> _Version:
        if version_id not in self.versions:
            self.versions[version_id] = _version(MatrixVersion.objects.get(pk=version_id))
        return self.versions[version_id]


@transaction.atomic
def scores_check(
    *,
    sample: int | None = None,
    only: Sequence[int] | None = None,
    part: tuple[int, int] = (1, 1),
    now: datetime | None = None,
) -> CheckReport:
    """Compare the scores of all leads, of `sample` leads chosen at random, or of `only` these, with the engine's.

    `part` (1, 3) looks at the first third of them: three processes with a part each look at all.
    """
    report = CheckReport()
    moment = now or datetime.now(tz=UTC)
    models = [_model(each) for each in ScoringModel.objects.select_related("active_version").order_by("pk")]
    leads = Lead.objects.alias(share=Mod(F("pk"), part[1])).filter(share=part[0] - 1)
    leads = leads.order_by("?" if sample is not None else "pk")
    lead_ids = list(only) if only is not None else list(leads.values_list("pk", flat=True)[:sample])
    for start in range(0, len(lead_ids), CHUNK):
        _check_chunk(lead_ids[start : start + CHUNK], models, moment, report)
    return report


def _check_chunk(chunk: Sequence[int], models: Iterable[_Model], moment: datetime, report: CheckReport) -> None:
    waiting = set(Work.objects.filter(lead__in=chunk).values_list("lead_id", flat=True))
    open_rows = Quarantine.objects.filter(kind="score", lead__in=chunk, settled_at=None)
    quarantined = {lead_id for lead_id in open_rows.values_list("lead_id", flat=True) if lead_id is not None} - waiting
    report.leads += len(chunk)
    report.waiting += len(waiting)
    report.quarantined += len(quarantined)
    compared = [lead_id for lead_id in chunk if lead_id not in waiting and lead_id not in quarantined]
    facts = facts_for_leads(compared)
    for model in models:
        scores = {each.lead_id: each for each in Score.objects.filter(model=model.id, lead__in=compared)}
        said = _last_said(model.id, compared)
        report.scores += len(scores)
        for lead_id in compared:
            score, known = scores.get(lead_id), facts.get(lead_id)
            try:
                report.differences += list(_compared(model, lead_id, score, known, moment))
            except EngineError:
                detail = "the engine cannot read its facts, and it is not in quarantine"
                report.differences.append(_difference(model, lead_id, "unreadable", detail))
            report.differences += _history(model, lead_id, score, said.get(lead_id))


def _compared(
    model: _Model, lead_id: int, score: Score | None, known: LeadFacts | None, moment: datetime
) -> Iterator[Difference]:
    if score is None:
        yield from _missing(model, lead_id, known, moment)
    elif known is None or model.active is None:
        reason = "the lead was merged away" if known is None else "the model has no version"
        yield _difference(model, lead_id, "extra", f"{reason} and the score is still there")
    else:
        yield from _differing(model, score, known)


def _differing(model: _Model, score: Score, known: LeadFacts) -> Iterator[Difference]:
    """What a stored score says otherwise than the engine under the version and on the day it stands for."""
    version, as_of = model.version(score.version_id), score.as_of
    spoken = model.range_of(score.lead_id)
    if spoken is not None:
        by_range = model.version(spoken.version_id)
        if (by_range.number, spoken.as_of) > (version.number, as_of):
            version, as_of = by_range, spoken.as_of
    if model.active is not None and version.id != model.active.id and not model.is_running:
        detail = f"judged by version {version.number}, though {model.active.number} is published and no run is open"
        yield _difference(model, score.lead_id, "outdated", detail)
    card = _judged(version, known, as_of)
    if card.score is None:
        yield _difference(model, score.lead_id, "extra", f"the model does not apply to it by version {version.number}")
        return
    found, right = _of_row(score), _of_card(card, version.compiled)
    for name, value in right.items():
        if found[name] != value:
            detail = f"{name} is {found[name]!r}, the engine says {value!r} by version {version.number} on {as_of}"
            yield _difference(model, score.lead_id, "differs", detail)
    added = sum(line.contribution for line in card.score.ledger)
    if added != card.score.total:
        yield _difference(
            model, score.lead_id, "ledger", f"the ledger adds up to {added}, the total is {card.score.total}"
        )


def _missing(model: _Model, lead_id: int, known: LeadFacts | None, moment: datetime) -> Iterator[Difference]:
    """A lead without a score to which the model applies, on the day its range was judged and today."""
    if model.active is None or known is None:
        return
    spoken = model.range_of(lead_id)
    days = [(model.active, moment.astimezone(model.active.compiled.zone).date())]
    if spoken is not None:
        days.append((model.version(spoken.version_id), spoken.as_of))
    elif model.is_running:
        return
    if all(_judged(version, known, as_of).score is not None for version, as_of in days):
        yield _difference(model, lead_id, "missing", "the model applies to it and there is no score")


def _history(model: _Model, lead_id: int, score: Score | None, last: Any) -> Iterator[Difference]:
    now_said = None if score is None else {name: getattr(score, name) for name in _SAID}
    then_said = None if last is None else {name: last[name] for name in _SAID}
    if now_said != then_said:
        yield _difference(model, lead_id, "history", "the last change says something else than the score")


def _last_said(model_id: int, lead_ids: Sequence[int]) -> dict[int, Any]:
    changes = (
        ScoreChange.objects.filter(model=model_id, lead__in=lead_ids).order_by("lead_id", "-pk").distinct("lead_id")
    )
    return dict(changes.values_list("lead_id", "after"))


def _judged(version: _Version, known: LeadFacts, as_of: date) -> Card:
    zone: ZoneInfo = version.compiled.zone
    born = known.created_at.astimezone(zone).date()
    raw: dict[str, Any] = dict(known.facts)
    if as_of >= born:
        raw["lead"] = {**raw.get("lead", {}), "created_days": (as_of - born).days}
    return evaluate(version.compiled, parse_facts(raw), as_of)


def _of_row(score: Score) -> dict[str, object]:
    return {name: getattr(score, name) for name in (*_SAID, "is_disqualified", "is_fast_tracked")}


def _of_card(card: Card, compiled: CompiledMatrix) -> dict[str, object]:
    said = card.score
    if said is None:
        return {}
    keys = [stage.key for stage in compiled.matrix.stages]
    line = keys.index(compiled.matrix.hand_off_at)
    return {
        "total": said.total,
        **{str(name): points for name, points in said.dimensions.items()},
        "grade": said.grade,
        "level": said.level,
        "rating": f"{said.grade}{said.level}",
        "stage": said.stage or "",
        "decided_by": said.decided_by,
        "is_qualified": said.stage is not None and keys.index(said.stage) >= line,
        "is_disqualified": len(said.disqualified_by) > 0,
        "is_fast_tracked": len(said.fast_tracked_by) > 0,
    }


def _difference(model: _Model, lead_id: int, kind: str, detail: str) -> Difference:
    return Difference(lead_id=lead_id, model=model.slug, kind=kind, detail=detail)


def _model(row: ScoringModel) -> _Model:
    active = None if row.active_version is None else _version(row.active_version)
    return _Model(
        id=row.pk,
        slug=row.slug,
        active=active,
        ranges=list(ScoredRange.objects.filter(model=row).order_by("lead_from")),
        is_running=Run.objects.filter(model=row, finished_at=None).exists(),
        versions={} if active is None else {active.id: active},
    )


def _version(row: MatrixVersion) -> _Version:
    return _Version(id=row.pk, number=row.number, compiled=compile_matrix(parse_matrix(row.document)))
