"""What the first run watches: leads that arrive, scores that appear, hand-offs that wait. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Min
from django.utils import timezone

from accounts.models import ApiKey, Installation, Role, User
from crm.models import Lead, Work
from handoff.models import Handoff, Suppression
from leadscore.first_run.company import Filling, filling
from scoring.loader import compiled_version
from scoring.models import Run, Score, ScoringModel
from scoring.queries import cards_for
from scoring.wording import card_why

# Counted no further: these figures are asked for every other second.
COUNT_CAP = 100_000
BARS, BEST = 10, 5


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """What has come in, and by which road: a program's first lead is told by its key's being used."""

    leads: int
    is_capped: bool
    newest: Lead | None
    key_used: ApiKey | None
    filling: Filling | None

    @property
    def is_filling(self) -> bool:
        return self.filling is not None and not self.filling.is_done


def arrivals() -> Arrivals:
    """How many leads there are, the newest of them, and how far the demo company is in."""
    count = Lead.objects.all()[: COUNT_CAP + 1].count()
    lately = timezone.now() - timedelta(hours=1)
    return Arrivals(
        leads=min(count, COUNT_CAP),
        is_capped=count > COUNT_CAP,
        newest=Lead.objects.select_related("company").order_by("-pk").first(),
        key_used=ApiKey.objects.filter(last_used_at__gte=lately).order_by("-last_used_at").first(),
        filling=filling(Installation.current()),
    )


@dataclass(frozen=True, kw_only=True)
class Bar:
    """How many leads have a total from `low` to `high`; drawn `height` high, of 100, at `left`, of 100."""

    low: int
    high: int
    leads: int
    left: int
    height: int

    @property
    def top(self) -> int:
        return 100 - self.height


@dataclass(frozen=True, kw_only=True)
class StageShown:
    """How many leads stand in a stage."""

    key: str
    label: str
    leads: int


@dataclass(frozen=True, kw_only=True)
class BestShown:
    """One of the best, and why in one line."""

    score: Score
    why: str


@dataclass(frozen=True, kw_only=True)
class ScoresShown:
    """The first scores. Nothing is published where `model` is None; more come while `is_moving`."""

    model: ScoringModel | None
    leads: int
    scored: int
    is_moving: bool
    bars: Sequence[Bar]
    stages: Sequence[StageShown]
    best: Sequence[BestShown]


def scores_shown() -> ScoresShown:
    """How far judging is, how the totals spread, and the best five with their reasons; for who may see every lead."""
    model = ScoringModel.objects.exclude(active_version=None).select_related("active_version").first()
    leads = Lead.objects.all()[: COUNT_CAP + 1].count()
    filled = filling(Installation.current())
    is_moving = (
        Work.objects.exists()
        or Run.objects.filter(finished_at=None).exists()
        or (filled is not None and not filled.is_done)
    )
    if model is None or model.active_version is None:
        return ScoresShown(model=None, leads=leads, scored=0, is_moving=is_moving, bars=(), stages=(), best=())
    scored = Score.objects.filter(model=model)
    version = model.active_version
    matrix = compiled_version(version_id=version.pk, checksum=version.checksum).matrix
    by_stage = dict(scored.order_by().values_list("stage").annotate(leads=Count("pk")))
    best = list(scored.select_related("lead__company").order_by("-total", "lead")[:BEST])
    cards = cards_for([each.lead_id for each in best], model)
    return ScoresShown(
        model=model,
        leads=leads,
        scored=sum(by_stage.values()),
        is_moving=is_moving,
        bars=_bars(model),
        stages=[
            StageShown(key=stage.key, label=stage.label, leads=by_stage.get(stage.key, 0)) for stage in matrix.stages
        ],
        best=[
            BestShown(score=each, why=card_why(cards[each.lead_id], matrix) if each.lead_id in cards else "")
            for each in best
        ],
    )


def _bars(model: ScoringModel) -> list[Bar]:
    """Ten bars of equal width from the lowest total to the highest."""
    scores = Score.objects.filter(model=model)
    ends = scores.aggregate(low=Min("total"), high=Max("total"))
    if ends["low"] is None:
        return []
    low = ends["low"] // BARS * BARS
    width = max(BARS, -(-(ends["high"] - low + 1) // BARS // 5) * 5 or 5)
    counts = [0] * BARS
    for total, leads in scores.order_by().values_list("total").annotate(leads=Count("pk")):
        counts[min((total - low) // width, BARS - 1)] += leads
    most = max(counts)
    return [
        Bar(
            low=low + place * width,
            high=low + (place + 1) * width - 1,
            leads=leads,
            left=place * 100 // BARS,
            # What is there is seen, however few.
            height=max(2, leads * 100 // most) if leads else 0,
        )
        for place, leads in enumerate(counts)
    ]


@dataclass(frozen=True, kw_only=True)
class HandoffsShown:
    """What waits in the queue, what an import held back, and who has no capacity to take any."""

    waiting: int
    held: int
    imports: Sequence[int]
    reps: int
    without_capacity: Sequence[User]


def handoffs_shown() -> HandoffsShown:
    """The figures of the last step."""
    held = Suppression.objects.filter(reason=Suppression.Reason.QUIET).exclude(imported_by=None)
    reps = User.objects.filter(role=Role.REP, is_active=True)
    return HandoffsShown(
        waiting=Handoff.objects.filter(closed_at=None)[: COUNT_CAP + 1].count(),
        held=held[: COUNT_CAP + 1].count(),
        imports=list(held.order_by("-imported_by").values_list("imported_by", flat=True).distinct()[:5]),
        reps=reps.count(),
        without_capacity=list(reps.filter(weekly_capacity=0).order_by("name")[:10]),
    )
