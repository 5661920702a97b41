"""The queue, and the hand-offs of one lead, as people see them. A constant number of queries, however long the page."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Action, Reach, may_touch, reach, sees_personal_data
from crm.models import Lead
from handoff import wording
from handoff.lifecycle import UNDECIDED_STATES, Move, State, moves
from handoff.models import Handoff, HandoffEvent, HandoffModel, Suppression
from handoff.reasons import Said, cards_said, with_newest_change
from handoff.routing import is_away
from handoff.sla import Urgency, urgency, used_percent
from handoff.trend import DAYS, Trend, trend
from kernel.errors import BadRequestError
from scoring.engine.matrix import Matrix
from scoring.loader import compiled_version, zone_named
from scoring.models import MatrixVersion, Score, ScoreChange, ScoringModel

PAGE_SIZE = 50
# Counted no further: a count of a million rows is slower than the page it stands on.
COUNT_CAP = 10_000
# The newest on the lead page.
EVENTS = 20
DECISIONS = (Move.CLAIM, Move.RELEASE, Move.ACCEPT, Move.REJECT)


class Whose(StrEnum):
    """Whose hand-offs: my own, those of my team's queue that nobody has, or all I may see."""

    MINE = "mine"
    UNOWNED = "unowned"
    ALL = "all"


class Phase(StrEnum):
    """Which open hand-offs: those that wait for a yes or no, or those accepted."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"


@dataclass(frozen=True, kw_only=True)
class QueueFilters:
    """What a page of the queue shows. `rating` is a grade or a whole rating; empty texts filter nothing."""

    whose: Whose = Whose.MINE
    phase: Phase = Phase.UNDECIDED
    stage: str = ""
    rating: str = ""
    search: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything but whose and which phase is asked for."""
        return bool(self.stage or self.rating or self.search)


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One hand-off as the queue shows it. `why` is one line; `can` holds the decisions this person may take now."""

    handoff: Handoff
    lead: Lead
    total: int
    rating: str
    stage: str
    stage_label: str
    why: str
    trend: Trend | None
    models: Sequence[str]
    urgency: Urgency
    used_percent: int
    due: str
    state_label: str
    can: Collection[Move] = field(default_factory=frozenset)


# How long a lead stays in sight of those who decided its hand-off.
SEEN_AFTER = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """One page. Cursors are opaque texts, empty where there is no more; `count` stops at COUNT_CAP + 1."""

    rows: Sequence[QueueRow]
    count: int
    next_cursor: str
    previous_cursor: str


def handoffs_visible_to(user: User) -> QuerySet[Handoff]:
    """The hand-offs this person may see: own and their team's unowned, their team's, or all."""
    how_far = reach(user.role, Action.LEAD_VIEW)
    if how_far in {Reach.ALL, Reach.ALL_MASKED}:
        return Handoff.objects.all()
    mine = Q(owner=user)
    if user.team_id is not None and how_far is Reach.OWN:
        mine |= Q(owner=None, team=user.team_id)
    elif user.team_id is not None and how_far is Reach.TEAM:
        mine |= Q(team=user.team_id)
    return Handoff.objects.filter(mine) if how_far is not Reach.NONE else Handoff.objects.none()


def leads_in_queue_of(user: User, _how_far: Reach) -> QuerySet[Handoff, int]:
    """Ids of leads that somebody may see because of their queue: a source for crm.visibility.

    What waits there or is worked, and what was decided lately: whoever said no can still read why, and their manager too.
    """
    lately = Q(owner__isnull=False, closed_at__gte=timezone.now() - SEEN_AFTER)
    return handoffs_visible_to(user).filter(Q(closed_at=None) | lately).values_list("lead_id", flat=True)


def decisions_of(user: User, handoff: Handoff) -> frozenset[Move]:
    """What this person may decide about a hand-off in its state of now."""
    is_theirs = may_touch(
        user.role,
        Action.HANDOFF_DECIDE,
        actor_id=user.pk,
        actor_team_id=user.team_id,
        owner_id=handoff.owner_id,
        team_id=handoff.team_id,
    )
    return moves(State(handoff.state)) & frozenset(DECISIONS) if is_theirs else frozenset()


def queue_page(*, user: User, filters: QueueFilters, cursor: str = "", size: int = PAGE_SIZE) -> QueuePage:
    """The open hand-offs `user` may see, best first: fast-tracked, then SLA day, then total.

    Raises BadRequestError for a cursor that cannot be read.
    """
    keys = _filtered(user, filters)
    is_back, place = _read_cursor(cursor)
    order = ("priority", "pk") if is_back else ("-priority", "-pk")
    reached = keys.filter(_beyond(*place, is_back=is_back)) if place else keys
    found = list(reached.order_by(*order).values_list("priority", "pk")[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if is_back:
        found.reverse()
    has_next, has_previous = (True, has_more) if is_back else (has_more, place is not None)
    return QueuePage(
        rows=queue_rows(user=user, handoff_ids=[pk for _priority, pk in found]),
        count=keys.order_by()[: COUNT_CAP + 1].count(),
        next_cursor=_cursor("after", found[-1]) if found and has_next else "",
        previous_cursor=_cursor("before", found[0]) if found and has_previous else "",
    )


def queue_rows(*, user: User, handoff_ids: Sequence[int]) -> list[QueueRow]:
    """These hand-offs in this order, with all a row shows."""
    chosen = Handoff.objects.filter(pk__in=handoff_ids).select_related("lead__company", "owner", "model")
    handoffs = with_newest_change(chosen).in_bulk()
    found = [handoffs[pk] for pk in handoff_ids if pk in handoffs]
    lead_ids = [handoff.lead_id for handoff in found]
    scores = {(score.lead_id, score.model_id): score for score in Score.objects.filter(lead__in=lead_ids)}
    said = cards_said(found)
    matrices = _matrices(
        {
            *(handoff.version_id for handoff in found),
            *(version_id for _card, version_id in said.values()),
            *(score.version_id for score in scores.values()),
        }
    )
    names: dict[int, list[str]] = defaultdict(list)
    attached = HandoffModel.objects.filter(handoff__in=handoffs).select_related("model")
    for each in attached.order_by("model__priority", "model_id"):
        names[each.handoff_id].append(each.model.name)
    changes = _changes(lead_ids)
    now = timezone.now()
    return [
        _row(
            handoff,
            said=said[handoff.pk],
            score=scores.get((handoff.lead_id, handoff.model_id)),
            matrices=matrices,
            models=names[handoff.pk],
            changes=changes.get((handoff.lead_id, handoff.model_id), []),
            user=user,
            now=now,
        )
        for handoff in found
    ]


@dataclass(frozen=True, kw_only=True)
class LeadEpisodes:
    """The hand-offs of one lead: the open one or else the last, how many before it, why none is open, what happened."""

    handoff: Handoff | None
    because: str
    due: str
    urgency: Urgency | None
    state_label: str
    models: Sequence[str]
    can: Collection[Move]
    earlier: int
    held_back: str
    # The day on which an owner who is away is back.
    back_on: date | None
    events: Sequence[HandoffEvent]


def lead_episodes(*, user: User, lead_id: int) -> LeadEpisodes:
    """All that people did about this lead. Whether `user` may see the lead is asked before."""
    handoffs = list(
        Handoff.objects.filter(lead=lead_id).select_related("owner", "team", "reason", "model").order_by("-pk")
    )
    handoff = next((each for each in handoffs if each.closed_at is None), handoffs[0] if handoffs else None)
    is_open = handoff is not None and handoff.closed_at is None
    suppression = None if is_open else Suppression.objects.filter(lead=lead_id).first()
    now = timezone.now()
    is_undecided = handoff is not None and State(handoff.state) in UNDECIDED_STATES
    return LeadEpisodes(
        handoff=handoff,
        because=wording.because(handoff.routed_because) if handoff else "",
        due=wording.due(handoff.sla_due_at, now) if handoff and is_undecided else "",
        urgency=urgency(opened_at=handoff.opened_at, sla_due_at=handoff.sla_due_at, now=now)
        if handoff and is_undecided
        else None,
        state_label=str(wording.STATES[State(handoff.state)]) if handoff else "",
        models=list(
            HandoffModel.objects.filter(handoff=handoff)
            .order_by("model__priority", "model_id")
            .values_list("model__name", flat=True)
        ),
        can=decisions_of(user, handoff) if handoff and is_open else frozenset(),
        earlier=max(0, len(handoffs) - 1),
        back_on=_back_on(handoff.owner, now) if handoff and handoff.owner and is_open else None,
        held_back=wording.suppressed(
            suppression.reason, suppression.until, is_by_import=suppression.imported_by_id is not None
        )
        if suppression
        else "",
        events=list(HandoffEvent.objects.filter(handoff__in=handoffs).select_related("by", "reason")[:EVENTS]),
    )


def _back_on(owner: User, now: datetime) -> date | None:
    away = is_away(absent_from=owner.absent_from, absent_until=owner.absent_until, time_zone=owner.time_zone, now=now)
    return owner.absent_until if away else None


def stages_on_offer() -> dict[str, str]:
    """Stages of the active versions, key to label, in the order of the models' priority."""
    versions = [
        model.active_version
        for model in ScoringModel.objects.exclude(active_version=None).select_related("active_version")
        if model.active_version
    ]
    return {stage["key"]: stage.get("label") or stage["key"] for each in versions for stage in each.document["stages"]}


def _filtered(user: User, filters: QueueFilters) -> QuerySet[Handoff]:
    rows = handoffs_visible_to(user).filter(closed_at=None)
    if filters.whose is Whose.MINE:
        rows = rows.filter(owner=user)
    elif filters.whose is Whose.UNOWNED:
        rows = rows.filter(owner=None)
    rows = rows.filter(state__in=UNDECIDED_STATES if filters.phase is Phase.UNDECIDED else {State.ACCEPTED})
    if filters.stage or filters.rating:
        score = Score.objects.filter(lead=OuterRef("lead"), model=OuterRef("model"))
        if filters.stage:
            score = score.filter(stage=filters.stage)
        if filters.rating:
            score = score.filter(rating__startswith=filters.rating.upper())
        rows = rows.filter(Exists(score))
    for word in filters.search.split():
        found = Q(lead__title__icontains=word) | Q(lead__company__name__icontains=word)
        # What somebody may not read they may not find by: a hit would tell it.
        if sees_personal_data(user.role):
            found |= Q(lead__first_name__icontains=word)
            found |= Q(lead__last_name__icontains=word)
            found |= Q(lead__email__icontains=word)
        rows = rows.filter(found)
    return rows


def _row(
    handoff: Handoff,
    *,
    said: Said,
    score: Score | None,
    matrices: Mapping[int, Matrix],
    models: Sequence[str],
    changes: Sequence[tuple[date, int]],
    user: User,
    now: datetime,
) -> QueueRow:
    card, version_id = said
    today = now.astimezone(zone_named(handoff.model.time_zone)).date()
    total = score.total if score else handoff.total
    stage = score.stage if score else handoff.opened_stage
    labels = {each.key: each.label for each in matrices[score.version_id if score else handoff.version_id].stages}
    return QueueRow(
        handoff=handoff,
        lead=handoff.lead,
        total=total,
        rating=score.rating if score else handoff.opened_rating,
        stage=stage,
        stage_label=labels.get(stage) or stage,
        why=wording.why_line(
            card, labels=wording.labels_of(matrices[version_id].criteria), days_since=_days_since(card, today)
        ),
        trend=trend(changes, total=total, today=today),
        models=models,
        urgency=urgency(opened_at=handoff.opened_at, sla_due_at=handoff.sla_due_at, now=now),
        used_percent=used_percent(opened_at=handoff.opened_at, sla_due_at=handoff.sla_due_at, now=now),
        due=wording.due(handoff.sla_due_at, now),
        state_label=str(wording.STATES[State(handoff.state)]),
        can=decisions_of(user, handoff),
    )


def _days_since(card: Mapping[str, Any], today: date) -> int:
    as_of = card.get("as_of")
    return max(0, (today - date.fromisoformat(as_of)).days) if as_of else 0


def _matrices(version_ids: Collection[int]) -> dict[int, Matrix]:
    checksums = MatrixVersion.objects.filter(pk__in=version_ids).values_list("pk", "checksum")
    return {pk: compiled_version(version_id=pk, checksum=checksum).matrix for pk, checksum in checksums}


def _changes(lead_ids: Collection[int]) -> dict[tuple[int, int], list[tuple[date, int]]]:
    """Totals over the days a trend shows, oldest first, by lead and model."""
    since = timezone.now() - timedelta(days=DAYS)
    rows = (
        ScoreChange.objects.filter(lead__in=lead_ids, changed_at__gte=since, after__isnull=False)
        .order_by("pk")
        .values_list("lead_id", "model_id", "changed_at", "after__total")
    )
    found: dict[tuple[int, int], list[tuple[date, int]]] = defaultdict(list)
    for lead_id, model_id, changed_at, total in rows:
        found[lead_id, model_id].append((changed_at.date(), int(total)))
    return found


def _beyond(priority: int, handoff_id: int, *, is_back: bool) -> Q:
    """What comes after (or before) this place. The first condition alone lets the index find it, the second is exact."""
    if is_back:
        return Q(priority__gte=priority) & (Q(priority__gt=priority) | Q(pk__gt=handoff_id))
    return Q(priority__lte=priority) & (Q(priority__lt=priority) | Q(pk__lt=handoff_id))


def _cursor(side: str, place: tuple[int, int]) -> str:
    return f"{side}.{place[0]}.{place[1]}"


def _read_cursor(cursor: str) -> tuple[bool, tuple[int, int] | None]:
    if not cursor:
        return False, None
    match cursor.split("."):
        case ["after" | "before" as side, priority, pk] if priority.isdecimal() and pk.isdecimal() and cursor.isascii():
            place = int(priority[:20]), int(pk[:20])
            if max(place) < 2**63:
                return side == "before", place
    raise BadRequestError(
        _("This cursor cannot be read. Begin again without one, and follow `next` from there."), code="bad_cursor"
    )
