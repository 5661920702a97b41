"""Dealing hand-offs to reps: the rows behind handoff.routing."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from accounts.models import Role, User
from handoff.models import RoutingTurn
from handoff.routing import Because, Rep, Route, route, takes

_SALES = (Role.REP, Role.SALES_MANAGER)


def reps_present(*, now: datetime) -> bool:
    """Whether anybody takes hand-offs today."""
    return any(takes(rep, now=now) for rep in _reps({}))


def capacity_a_day(*, now: datetime) -> int:
    """How many hand-offs those who are present can work in a day, of five in a week; one at the least."""
    return max(1, sum(rep.weekly_capacity for rep in _reps({}) if takes(rep, now=now)) // 5)


class Dealer:
    """Deals any number of hand-offs in one transaction: three queries to begin, one to end.

    The turns stay locked (in the order of their users) until the transaction ends, so that two workers never deal the
    same turn. Whoever deals holds its leads' locks already; nobody locks a lead while holding turns. People in `without`
    get nothing: they are about to leave.
    """

    def __init__(self, *, now: datetime, without: Collection[int] = ()) -> None:
        self._now = now
        RoutingTurn.objects.bulk_create([RoutingTurn(user_id=rep.id) for rep in _reps({})], ignore_conflicts=True)
        self._turns = {turn.user_id: turn for turn in RoutingTurn.objects.select_for_update().order_by("user_id")}
        self._reps = {rep.id: rep for rep in _reps(self._turns) if rep.id not in without}
        self._dealt: set[int] = set()

    def deal(self, *, lead_owner_id: int | None, company_owner_id: int | None) -> Route:
        """Choose a rep for one hand-off and remember it."""
        found = route(
            list(self._reps.values()),
            lead_owner_id=lead_owner_id,
            company_owner_id=company_owner_id,
            now=self._now,
        )
        if found.rep_id is not None:
            rep = self._reps[found.rep_id]
            self._reps[rep.id] = replace(
                rep,
                dealt=rep.dealt + 1,
                position=found.position,
                turn=found.position if found.because is Because.ROUND_ROBIN else rep.turn,
                last_dealt_at=self._now,
            )
            self._dealt.add(rep.id)
        return found

    def save(self) -> None:
        """Write down whose turns moved on."""
        moved = []
        for user_id in self._dealt:
            turn, rep = self._turns[user_id], self._reps[user_id]
            turn.dealt, turn.position, turn.turn, turn.last_dealt_at = rep.dealt, rep.position, rep.turn, self._now
            moved.append(turn)
        RoutingTurn.objects.bulk_update(moved, ["dealt", "position", "turn", "last_dealt_at"])
        self._dealt.clear()


def _reps(turns: Mapping[int, RoutingTurn]) -> list[Rep]:
    people = User.objects.filter(role__in=_SALES, is_active=True, weekly_capacity__gt=0).order_by("id")
    fresh = RoutingTurn()
    return [
        Rep(
            id=user.pk,
            team_id=user.team_id,
            weekly_capacity=user.weekly_capacity,
            is_active=user.is_active,
            absent_from=user.absent_from,
            absent_until=user.absent_until,
            time_zone=user.time_zone,
            dealt=turns.get(user.pk, fresh).dealt,
            position=turns.get(user.pk, fresh).position,
            turn=turns.get(user.pk, fresh).turn,
            last_dealt_at=turns.get(user.pk, fresh).last_dealt_at,
        )
        for user in people
    ]
