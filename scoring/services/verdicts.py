"""What the models now say of leads, and writing it down: the part that the event path and bulk runs share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from crm.models import Cause
from crm.queries import LeadFacts
from scoring.engine import Card, CompiledMatrix, CriterionLine, evaluate
from scoring.loader import compiled_version, facts_on, zone_named
from scoring.models import Run, ScoreChange, ScoringModel
from scoring.services.score_rows import ScoreValues, ScoreWrite, StoredScore, scores_write

#: What a change says of a score before and after, beside the version and the day.
SAID_FIGURES = (
    "total",
    "fit",
    "behavior",
    "qualification",
    "grade",
    "level",
    "rating",
    "stage",
    "decided_by",
    "is_qualified",
)


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A model with the version and the day by which it judges now. `run_as_of` is the day of its last bulk run under
    this version, None before the first."""

    model_id: int
    slug: str
    version_id: int
    number: int
    zone: ZoneInfo
    as_of: date
    run_as_of: date | None
    compiled: CompiledMatrix


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a judge says of one lead: `after` and `card` are None where the model has no score for it."""

    judge: Judge
    lead_id: int
    before: StoredScore | None
    after: ScoreValues | None
    card: Card | None

    @property
    def is_equal(self) -> bool:
        """The row says so already, whatever its version and day."""
        return self.after == (self.before.values if self.before else None)

    @property
    def is_current(self) -> bool:
        """The row says so already, by this version and on this day; or there is none and none to be."""
        if self.before is None:
            return self.after is None
        own = (self.before.version_id, self.before.as_of)
        return self.is_equal and own == (self.judge.version_id, self.judge.as_of)


def judges_now() -> list[Judge]:
    """A judge for each model with an active version; ask only while holding the current versions.

    A day is the later of today in the model's zone and the day of its last run, so that no clock that runs behind
    another's ever writes an older day into a range that a run has already brought to a later one.
    """
    last_run = Run.objects.filter(model=OuterRef("pk"), version=OuterRef("active_version")).order_by("-as_of")
    rows = (
        ScoringModel.objects.filter(active_version__isnull=False)
        .order_by("pk")
        .values_list(
            "pk",
            "slug",
            "time_zone",
            "active_version_id",
            "active_version__number",
            "active_version__checksum",
            Subquery(last_run.values("as_of")[:1]),
        )
    )
    now = timezone.now()
    judges = []
    for model_id, slug, zone_name, version_id, number, checksum, run_as_of in rows:
        zone = zone_named(zone_name)
        today = now.astimezone(zone).date()
        judges.append(
            Judge(
                model_id=model_id,
                slug=slug,
                version_id=version_id,
                number=number,
                zone=zone,
                as_of=max(today, run_as_of or today),
                run_as_of=run_as_of,
                compiled=compiled_version(version_id=version_id, checksum=checksum),
            )
        )
    return judges


def verdict(*, judge: Judge, lead_id: int, facts: LeadFacts | None, before: StoredScore | None) -> Verdict:
    """Evaluate. A lead without facts (merged into another) has no score. Raises what the engine raises."""
    if facts is None:
        return Verdict(judge=judge, lead_id=lead_id, before=before, after=None, card=None)
    card = evaluate(
        judge.compiled,
        facts_on(facts, as_of=judge.as_of, zone=judge.zone),
        judge.as_of,
        model=judge.slug,
        version=judge.number,
    )
    return Verdict(judge=judge, lead_id=lead_id, before=before, after=_values(judge, card, facts), card=card)


def verdicts_write(
    verdicts: Sequence[Verdict], *, causes: Mapping[int, Sequence[str]], imports: Mapping[int, int]
) -> list[Verdict]:
    """Write the scores, append a change for each that says something new, and answer the verdicts that held.

    `causes` by lead: what was waiting, oldest first; that version or day moved on is added here. `imports` by lead: the
    import that alone was waiting (scoring.services.imported).
    """
    writes = [
        ScoreWrite(
            lead_id=each.lead_id,
            model_id=each.judge.model_id,
            version_id=each.judge.version_id,
            as_of=each.judge.as_of,
            before=each.before,
            after=each.after,
        )
        for each in verdicts
    ]
    keys = scores_write(writes)
    held = [each for each in verdicts if (each.lead_id, each.judge.model_id) in keys]
    changes = [_change(each, causes.get(each.lead_id, ()), imports.get(each.lead_id)) for each in held]
    ScoreChange.objects.bulk_create([each for each in changes if each is not None])
    return held


def _values(judge: Judge, card: Card, facts: LeadFacts) -> ScoreValues | None:
    score = card.score
    if score is None:
        return None
    return ScoreValues(
        total=score.total,
        fit=score.dimensions["fit"],
        behavior=score.dimensions["behavior"],
        qualification=score.dimensions["qualification"],
        grade=score.grade,
        level=score.level,
        rating=score.rating,
        stage=score.stage or "",
        decided_by=score.decided_by,
        is_qualified=score.stage in judge.compiled.matrix.qualifying_stages,
        is_disqualified=bool(score.disqualified_by),
        is_fast_tracked=bool(score.fast_tracked_by),
        owner_id=facts.owner_id,
        country=_text_of(facts, "lead", "country"),
        industry=_text_of(facts, "company", "industry"),
    )


def _text_of(facts: LeadFacts, subject: str, field: str) -> str:
    known = facts.facts.get(subject)
    found = known.get(field) if isinstance(known, Mapping) else None
    return found if isinstance(found, str) else ""


def _change(verdict: Verdict, waiting: Iterable[str], import_id: int | None) -> ScoreChange | None:
    judge, stored = verdict.judge, verdict.before
    said = _said(stored.values) if stored else None
    says = _said(verdict.after) if verdict.after else None
    if said == says:
        return None
    before = (
        {**said, "version": stored.effective_number, "as_of": stored.effective_as_of.isoformat()}
        if said and stored
        else None
    )
    after = {**says, "version": judge.number, "as_of": judge.as_of.isoformat()} if says else None
    causes = list(dict.fromkeys([*waiting, *_moved_on(stored, judge)])) or [Cause.VERSION.value]
    return ScoreChange(
        lead_id=verdict.lead_id,
        model_id=judge.model_id,
        version_id=judge.version_id,
        imported_by_id=import_id,
        before=before,
        after=after,
        cause=causes[0],
        causes=causes,
        is_crossing=_line(before) != _line(after),
        card=card_without_values(verdict.card) if verdict.card else None,
    )


def _said(values: ScoreValues) -> dict[str, object]:
    return {name: getattr(values, name) for name in SAID_FIGURES}


def _line(said: Mapping[str, object] | None) -> tuple[object, object]:
    return (said["stage"], said["is_qualified"]) if said else ("", False)


def _moved_on(stored: StoredScore | None, judge: Judge) -> list[str]:
    """What changed besides the facts since the score was last judged."""
    if stored is None or stored.effective_number != judge.number:
        return [Cause.VERSION.value] if stored else []
    return [Cause.DAY.value] if stored.effective_as_of != judge.as_of else []


def card_without_values(card: Card) -> dict[str, object]:
    """A card to keep for ever: ids, points, ages and shares, the names of fields but never their values.

    Lines of criteria that matched nothing and gave nothing are left out; what remains still adds up to the total.
    """
    written = card.to_json()
    if card.score is None:
        return written
    kept = []
    for line in card.score.ledger:
        if not isinstance(line, CriterionLine):
            kept.append(line.to_json())
        elif line.units or line.contribution:
            evidence = {
                "activities": [each.to_json() for each in line.evidence.activities],
                "fields": sorted(line.evidence.fields),
            }
            kept.append({**line.to_json(), "evidence": evidence})
    return {**written, "ledger": kept}
