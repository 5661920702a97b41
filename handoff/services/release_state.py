"""How far the leads that an import or a publication holds back have come into the queue, for people to read."""

from dataclasses import dataclass

from django.utils import timezone

from crm.models import Import
from handoff.services.dealing import capacity_a_day
from handoff.services.holders import holder_from
from handoff.services.releasing import is_at_rest
from scoring.models import MatrixVersion


@dataclass(frozen=True, kw_only=True)
class ReleaseState:
    """`held` leads wait and `leaving` are let go but not yet in the queue; `released` came into it by the release.

    `per_day` is the pace of a release that goes on, None for all at once; `days` how many it still needs at that pace;
    `offer` what those who are there now can work in a day.
    """

    held: int
    leaving: int
    released: int
    is_running: bool
    is_stopped: bool
    is_finished: bool
    per_day: int | None
    days: int
    offer: int
    # Rows are still coming in or being judged: more may be held back.
    is_judging: bool

    @property
    def total(self) -> int:
        """All the release is about."""
        return self.held + self.leaving + self.released

    @property
    def is_moving(self) -> bool:
        """Whether it is worth looking again in a moment; not while there is something to be typed."""
        is_coming = self.leaving > 0 or (self.is_running and self.per_day is None)
        return is_coming or (self.is_judging and not self.held)


def release_state(row: Import | MatrixVersion) -> ReleaseState:
    """Some seven queries, however many leads."""
    now = timezone.now()
    holder = holder_from(row)
    held = holder.suppressions
    waiting = held.filter(until=None).count()
    release = holder.releases.first()
    is_finished = release is not None and release.finished_at is not None
    is_stopped = release is not None and release.per_day == 0
    per_day = release.per_day if release else None
    return ReleaseState(
        held=waiting,
        leaving=held.filter(until__isnull=False).count(),
        released=release.released if release else 0,
        is_running=release is not None and not is_finished and not is_stopped,
        is_stopped=is_stopped,
        is_finished=is_finished,
        per_day=per_day,
        days=-(-waiting // per_day) if per_day else 0,
        offer=capacity_a_day(now=now),
        is_judging=not is_at_rest(holder),
    )
