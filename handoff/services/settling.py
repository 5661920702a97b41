"""The decisions about leads and their hand-offs, from rows that are locked, and writing them down."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from handoff.lifecycle import UNDECIDED_STATES, Move, Standing, State, after, is_cold
from handoff.models import Handoff, HandoffEvent, HandoffModel, Suppression
from handoff.routing import Because
from handoff.services.dealing import Dealer
from handoff.services.holders import Holder, holder_of
from handoff.services.holders import holding as still_holding
from handoff.services.holding import Hush, Pair, cards_of, hushed_scores, looks_at
from handoff.services.lead_rows import LeadRows, Matrices, matrices_of
from handoff.services.news import basis_of
from handoff.services.opening import Opening, handoffs_open, queue_key
from handoff.services.passing_on import handoff_reassign, successors_of
from scoring.engine.card import Card
from scoring.models import Score

# What settling may change of an open hand-off.
_SETTLED = [
    "state",
    "owner_id",
    "team_id",
    "routed_because",
    "claimed_at",
    "closed_at",
    "below_since",
    "cooled_at",
    "priority",
    "total",
    "is_fast_tracked",
]


class Settlement:
    """The decisions about a set of live, locked leads. Queries are constant in number however many leads there are."""

    def __init__(self, rows: Mapping[int, LeadRows], *, now: datetime) -> None:
        self._rows = rows
        self._now = now
        self._matrices: Matrices = matrices_of(rows.values())
        self._left = successors_of(
            {row.handoff.owner_id for row in rows.values() if row.handoff and row.handoff.owner_id}
        )
        self._done: Counter[str] = Counter()
        self._events: list[HandoffEvent] = []
        self._attached: list[HandoffModel] = []
        self._moved: list[Handoff] = []
        self._suppressed: list[Suppression] = []
        self._looked_at: list[Suppression] = []
        self._ended: list[int] = []
        # Leads that are let go now, with the import or the publication that held them.
        self._let_go: dict[int, Holder] = {}

    def settle(self) -> Counter[str]:
        """Decide, then write: hand-offs that are open, suppressions, openings."""
        for row in self._rows.values():
            if row.handoff is not None:
                self._settle_open(row, row.handoff)
        closed = [row for row in self._rows.values() if row.handoff is None]
        cards = cards_of(closed, self._matrices)
        news = self._news([row for row in closed if row.suppression and row.qualified], cards)
        holders = {holder for row in closed if row.suppression and (holder := holder_of(row.suppression))}
        holding = still_holding(holders)
        to_open = [row for row in closed if self._may_open(row, news, holding)]
        self._write(self._openings(to_open, cards, news))
        return self._done

    # Open hand-offs

    def _settle_open(self, row: LeadRows, handoff: Handoff) -> None:
        before = _settled(handoff)
        if row.suppression is not None:
            self._end(row)
        for score in row.qualified:
            if score.model_id not in row.attached:
                self._attach(handoff, score)
        if handoff.state in UNDECIDED_STATES:
            if row.qualified:
                self._warm(handoff)
            else:
                self._cool(row, handoff)
        if not handoff.closed_at:
            if handoff.owner_id in self._left:
                self._pass_on(row, handoff)
            elif handoff.owner_id is None and handoff.routed_because.get("code") == Because.NOBODY:
                self._route(row, handoff)
        self._rank(row, handoff)
        if _settled(handoff) != before:
            handoff.updated_at = self._now
            self._moved.append(handoff)

    def _attach(self, handoff: Handoff, score: Score) -> None:
        self._attached.append(
            HandoffModel(handoff=handoff, model_id=score.model_id, version_id=score.version_id, attached_at=self._now)
        )
        self._tell(handoff, HandoffEvent.Kind.ATTACHED, model=score.model_id, total=score.total)

    def _warm(self, handoff: Handoff) -> None:
        handoff.below_since = None
        if handoff.cooled_at is not None:
            handoff.cooled_at = None
            self._tell(handoff, HandoffEvent.Kind.WARMED)

    def _cool(self, row: LeadRows, handoff: Handoff) -> None:
        if handoff.below_since is None:
            handoff.below_since = self._now
        if handoff.cooled_at is None:
            below_since = handoff.below_since
            if all(is_cold(each, below_since=below_since, now=self._now) for each in self._standings(row, handoff)):
                handoff.cooled_at = self._now
                self._tell(handoff, HandoffEvent.Kind.COOLED)
        if handoff.cooled_at is not None and handoff.sla_due_at <= self._now:
            self._expire(row, handoff)

    def _standings(self, row: LeadRows, handoff: Handoff) -> list[Standing]:
        """How the lead stands under each model that spoke for the hand-off."""
        scores = {score.model_id: score for score in row.scores}
        standings = []
        for model_id in row.attached | {handoff.model_id}:
            policy = self._matrices.policy(model_id)
            score = scores.get(model_id)
            line = self._matrices.line(score.version_id) if score else None
            standings.append(
                Standing(
                    # Without a line in points only a gate can hold the lead back.
                    points_below=None if score is None else 0 if line is None else line - score.total,
                    is_disqualified=score is not None and score.is_disqualified,
                    cool_days=policy.cool_days,
                    cool_points=policy.cool_points,
                )
            )
        return standings

    def _expire(self, row: LeadRows, handoff: Handoff) -> None:
        handoff.state = str(after(State(handoff.state), Move.EXPIRE))
        handoff.closed_at = self._now
        self._tell(handoff, HandoffEvent.Kind.EXPIRED)
        days = self._matrices.policy(handoff.model_id).cool_down_days
        self._suppressed.append(
            Suppression(
                lead=row.lead,
                reason=Suppression.Reason.COOL_DOWN,
                until=self._now + timedelta(days=days),
                handoff=handoff,
                since=self._now,
                looked_at=self._now,
                basis={str(score.model_id): basis_of(score, None).to_json() for score in row.scores},
            )
        )

    def _route(self, row: LeadRows, handoff: Handoff) -> None:
        route = self._dealer.deal(lead_owner_id=row.lead.owner_id, company_owner_id=row.company_owner_id)
        handoff.team_id = route.team_id
        if route.rep_id is not None:
            handoff.owner_id, handoff.routed_because = route.rep_id, route.to_json()
            self._tell(handoff, HandoffEvent.Kind.ROUTED, routed=handoff.routed_because)

    def _pass_on(self, row: LeadRows, handoff: Handoff) -> None:
        """It came to its owner as they left."""
        event = handoff_reassign(
            handoff,
            successor=self._left[handoff.owner_id or 0],
            deal=lambda: self._dealer.deal(lead_owner_id=row.lead.owner_id, company_owner_id=row.company_owner_id),
            now=self._now,
            by=None,
        )
        self._done[event.kind] += 1
        self._events.append(event)

    def _rank(self, row: LeadRows, handoff: Handoff) -> None:
        leading = next(iter(row.qualified or row.scores), None)
        if leading is None:
            return
        handoff.total = leading.total
        handoff.is_fast_tracked = any(score.is_fast_tracked for score in row.qualified)
        handoff.priority = queue_key(
            model=self._matrices.models[handoff.model_id],
            sla_due_at=handoff.sla_due_at,
            total=handoff.total,
            is_fast_tracked=handoff.is_fast_tracked,
        )

    # Leads without one

    def _news(self, held: Sequence[LeadRows], cards: Mapping[Pair, Card]) -> set[int]:
        """Leads whose suppression ends by news; what was looked at is remembered on the others."""
        looks = looks_at(held, cards, now=self._now)
        for lead_id, look in looks.items():
            suppression = self._rows[lead_id].suppression
            if suppression is not None:
                suppression.basis, suppression.looked_at = look.basis, self._now
                self._looked_at.append(suppression)
        return {lead_id for lead_id, look in looks.items() if look.is_new}

    def _may_open(self, row: LeadRows, news: Collection[int], holding: Collection[Holder]) -> bool:
        """Whether the lead qualifies and nothing holds it back any more; ends what ended."""
        suppression = row.suppression
        if suppression is not None:
            is_over = suppression.until is not None and suppression.until <= self._now
            is_fallen = suppression.reason == Suppression.Reason.QUIET and not row.qualified
            holder = holder_of(suppression)
            is_let_go = holder is not None and (is_over or holder not in holding)
            if holder is not None and is_let_go and row.qualified:
                self._let_go[row.lead.pk] = holder
            if is_over or is_fallen or is_let_go or row.lead.pk in news:
                self._end(row)
        return row.suppression is None and bool(row.qualified)

    def _openings(self, rows: Collection[LeadRows], cards: Mapping[Pair, Card], news: Collection[int]) -> list[Opening]:
        """Openings, by the first model that does not qualify the lead quietly; where all do, a suppression instead."""
        free = {*news, *self._let_go}
        hushed = hushed_scores([row for row in rows if row.lead.pk not in free], cards, self._matrices)
        openings = []
        for row in rows:
            loud = [score for score in row.qualified if score.pk not in hushed]
            if loud:
                card = cards.get((loud[0].model_id, row.lead.pk))
                openings.append(Opening(row=row, leading=loud[0], qualified=row.qualified, card=card))
                continue
            self._suppress(row, [hushed[score.pk] for score in row.qualified], cards)
        return openings

    def _suppress(self, row: LeadRows, hushes: Sequence[Hush], cards: Mapping[Pair, Card]) -> None:
        self._done["suppressed"] += 1
        # What an import holds back is let go with the import's others, whatever else would hold it too.
        by = next((hush for hush in hushes if hush.holder.field == "imported_by"), hushes[0])
        basis: dict[str, object] = {
            str(score.model_id): basis_of(score, cards.get((score.model_id, row.lead.pk))).to_json()
            for score in row.qualified
        }
        self._suppressed.append(
            Suppression(
                lead=row.lead,
                reason=Suppression.Reason.QUIET,
                **by.holder.by_id,
                since=min(hush.since for hush in hushes),
                looked_at=self._now,
                basis=basis | dict(by.also),
            )
        )

    # Writing

    @property
    def _dealer(self) -> Dealer:
        """Made when the first hand-off is dealt: it locks the turns."""
        if self._dealer_made is None:
            self._dealer_made = Dealer(now=self._now)
        return self._dealer_made

    _dealer_made: Dealer | None = None

    def _tell(self, handoff: Handoff, kind: HandoffEvent.Kind, **params: object) -> None:
        self._done[kind.value] += 1
        self._events.append(HandoffEvent(handoff=handoff, kind=kind, state=handoff.state, at=self._now, params=params))

    def _end(self, row: LeadRows) -> None:
        if row.suppression is not None:
            self._ended.append(row.suppression.pk)
            row.suppression = None

    def _write(self, openings: Sequence[Opening]) -> None:
        Handoff.objects.bulk_update(self._moved, [*_SETTLED, "updated_at"])
        HandoffModel.objects.bulk_create(self._attached, ignore_conflicts=True)
        HandoffEvent.objects.bulk_create(self._events)
        Suppression.objects.bulk_update(self._looked_at, ["basis", "looked_at"])
        Suppression.objects.filter(pk__in=self._ended).delete()
        Suppression.objects.bulk_create(self._suppressed)
        if openings:
            self._done["opened"] += handoffs_open(openings, matrices=self._matrices, dealer=self._dealer, now=self._now)
        if self._dealer_made is not None:
            self._dealer_made.save()
        # Last of all locks, and in one order.
        for holder, count in sorted(Counter(self._let_go.values()).items()):
            holder.releases.update(released=F("released") + count)


def _settled(handoff: Handoff) -> list[object]:
    return [getattr(handoff, name) for name in _SETTLED]
