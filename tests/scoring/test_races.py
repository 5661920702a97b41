"""The races are closed: the scorer is held before each of its statements while another connection gets in between.

Whatever came between, once all is at rest every score is what the independent checker says, no work is left, and the
history of each score adds up. The other side is an event that comes in, a fact that changes, a merge, an erasure, a
publication, a new day, and another scorer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
import time_machine

from crm.models import Lead, Work
from crm.services.activities import activity_withdraw
from crm.services.erasure import lead_erase
from crm.services.leads import lead_update
from crm.services.merging import leads_merge
from scoring.services.rescoring import work_drain
from scoring.services.runs import night_start, range_judge_next
from tests.scoring.holding import Held, Other, hurry
from tests.scoring.test_history import assert_adds_up
from tests.scoring.world import World, changed


@dataclass
class Scene:
    """Two leads with something to be judged, and a clock."""

    world: World
    clock: time_machine.Traveller
    leads: list[Lead] = field(default_factory=list)

    def set_up(self) -> None:
        """Scores at rest, then an activity that waits: what a scorer of events has to do."""
        self.leads = [self.world.lead(title="CEO"), self.world.lead(title="CEO")]
        self.activities = [self.world.send(lead) for lead in self.leads]
        self.world.settle()
        self.waiting = self.world.send(self.leads[0], "demo_request")


def an_activity_comes_in(scene: Scene) -> None:
    scene.world.send(scene.leads[0])


def a_fact_changes(scene: Scene) -> None:
    lead_update(lead_id=scene.leads[0].pk, values={"title": "Clerk", "country": "DE"})


def the_segment_is_left(scene: Scene) -> None:
    lead_update(lead_id=scene.leads[0].pk, values={"source": "partner"})


def an_activity_is_withdrawn(scene: Scene) -> None:
    activity_withdraw(activity_id=scene.waiting.pk)


def the_leads_are_merged(scene: Scene) -> None:
    leads_merge(survivor_id=scene.leads[1].pk, merged_id=scene.leads[0].pk)


def the_lead_is_erased(scene: Scene) -> None:
    lead_erase(lead_id=scene.leads[0].pk)


_points = count(21)


def a_version_is_published(scene: Scene) -> None:
    scene.world.publish(changed(points={"exec-title": next(_points)}), settle=False)


def a_day_begins(scene: Scene) -> None:
    scene.clock.shift(timedelta(days=1))
    night_start()


def another_scorer_drains(scene: Scene) -> None:
    scene.world.send(scene.leads[0])
    work_drain()


OTHERS = [
    an_activity_comes_in,
    a_fact_changes,
    the_segment_is_left,
    an_activity_is_withdrawn,
    the_leads_are_merged,
    the_lead_is_erased,
    a_version_is_published,
    a_day_begins,
    another_scorer_drains,
]


@pytest.fixture
def scene(shared_world: World, frozen_now: time_machine.Traveller) -> Scene:
    hurry()
    return Scene(world=shared_world, clock=frozen_now)


def hold_before_each(scene: Scene, scorer: Callable[[], object], others: Sequence[Callable[[Scene], None]]) -> int:
    """Every statement of the scorer in turn, the others by turns; answers how many statements there were."""
    for at in count(1):
        scene.set_up()
        if scorer is not work_drain:
            a_version_is_published(scene)
        held = Held(act=scorer, at=at)
        if not held.is_held():
            held.release()
            return at - 1
        other = others[at % len(others)]
        between = Other(act=partial(other, scene))
        between.until_done_or_blocked()
        held.release()
        between.join()
        scene.world.settle()
        found = scene.world.differences(*scene.leads)
        where = f"{other.__name__} before statement {at}, {held.statement}"
        assert not found, f"{where}: {[str(each) for each in found]}"
        assert not Work.objects.exists(), where
        for lead in scene.leads:
            assert_adds_up(scene.world, lead)
    raise AssertionError("A scorer ends.")


SCORERS = pytest.mark.parametrize("scorer", [work_drain, range_judge_next], ids=["events", "bulk"])


@SCORERS
@pytest.mark.parametrize("turn", [0, 4])
def test_a_scorer_is_right_whatever_comes_between(scene: Scene, scorer: Callable[[], object], turn: int) -> None:
    assert hold_before_each(scene, scorer, OTHERS[turn:] + OTHERS[:turn]) > 10


@pytest.mark.prove
@SCORERS
@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.__name__)
def test_a_scorer_is_right_whatever_comes_between_anywhere(
    scene: Scene, scorer: Callable[[], object], other: Callable[[Scene], None]
) -> None:
    assert hold_before_each(scene, scorer, [other]) > 10
