"""A baseline is counted by hand on a small world, says the same taken late, and is taken once."""

from datetime import datetime, timedelta
from itertools import count

import pytest
import time_machine
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Team, User
from crm.models import Activity, Lead
from crm.services.activities import activity_record_own
from crm.services.erasure import lead_erase
from crm.services.leads import lead_update
from crm.services.merging import leads_merge
from handoff.models import Handoff, RejectReason
from handoff.services import handoffs_drain
from handoff.services.deciding import handoff_accept, handoff_reject
from insights.baselines import baselines_take
from insights.models import Baseline
from insights.periods import leads_scored, period_figures
from insights.receivers import wake_a_worker
from scoring.models import Score
from scoring.services.runs import night_start
from scoring.signals import version_published
from tests.conftest import NOW
from tests.scoring.conftest import shared_world as shared_world
from tests.scoring.holding import Held
from tests.scoring.world import World, changed

_numbers = count(1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Sales:
    """A rep whose hand-offs come and are decided at known times, on a world published a day before the first."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self.clock = clock
        self.world = World()
        team = Team.objects.create(name="Inside sales")
        self.rep = User.objects.create_user(
            f"rep{next(_numbers)}@ours.example", None, name="Rita", role=Role.REP, team=team, weekly_capacity=400
        )
        RejectReason.objects.get_or_create(slug="no_budget", defaults={"label": "No budget"})
        self.world.publish()

    def on(self, moment: datetime) -> None:
        self.clock.move_to(moment)
        night_start()
        self.settle()

    def settle(self) -> None:
        self.world.settle()
        handoffs_drain()

    def mql(self) -> Lead:
        """Qualified now by what it does: 20 for its title and 30 for pages."""
        lead = self.world.lead(title="CEO", country="DE")
        for _ in range(3):
            self.world.send(lead, occurred_at=datetime.now(tz=NOW.tzinfo).isoformat())
        self.settle()
        return lead

    def handoff(self, lead: Lead) -> Handoff:
        return Handoff.objects.get(lead=lead, closed_at=None)


@pytest.fixture
def sales(db: None, frozen_now: time_machine.Traveller) -> Sales:
    frozen_now.move_to(NOW - 40 * DAY)
    return Sales(frozen_now)


def four_weeks(sales: Sales) -> None:
    """One hand-off from before the period, and in it five: two accepted, one rejected, two waiting; one talked to."""
    sales.on(NOW - 30 * DAY)
    early = sales.mql()
    sales.on(NOW - 28 * DAY)
    handoff_accept(handoff_id=sales.handoff(early).pk, by=sales.rep)
    sales.on(NOW - 27 * DAY)
    first, second, third = (sales.mql() for _ in range(3))
    sales.on(NOW - 27 * DAY + 2 * HOUR)
    handoff_accept(handoff_id=sales.handoff(first).pk, by=sales.rep)
    sales.on(NOW - 27 * DAY + 6 * HOUR)
    handoff_accept(handoff_id=sales.handoff(second).pk, by=sales.rep)
    handoff_reject(handoff_id=sales.handoff(third).pk, by=sales.rep, reason="no_budget")
    sales.on(NOW - 26 * DAY)
    activity_record_own(lead_id=first.pk, kind="conversation")
    sales.on(NOW - 3 * DAY)
    activity_record_own(lead_id=early.pk, kind="deal_won")
    activity_record_own(lead_id=second.pk, kind="deal_lost")
    sales.mql()
    sales.mql()
    sales.on(NOW)


def test_a_baseline_counts_what_was_done_in_the_four_weeks(sales: Sales) -> None:
    four_weeks(sales)
    version = sales.world.publish(changed(points={"germany": 11}))
    assert baselines_take() == 2, "the first version has one too, of days on which nothing was scored"
    found = Baseline.objects.get(version=version)
    assert (found.period_from, found.period_to) == (NOW - 28 * DAY, NOW)
    assert (found.scored, found.queue) == (6, 2)
    assert (found.qualified_by_week, found.qualified_by_publication) == ([3, 0, 0, 2], 0)
    assert (found.handed_off, found.conversations) == (5, 1)
    assert (found.accepted, found.rejected, found.won, found.lost) == (3, 1, 1, 1)
    # 2, 6 and 48 hours; one conversation after a day; one deal after 27 days.
    assert found.seconds_to_accept == 6 * 3600
    assert found.seconds_to_conversation == 86_400
    assert found.seconds_to_close == 27 * 86_400
    first = Baseline.objects.exclude(version=version).get()
    assert (first.scored, first.queue, first.handed_off, first.accepted, first.qualified_by_week) == (
        0,
        0,
        0,
        0,
        [0] * 4,
    )
    assert (first.seconds_to_accept, first.seconds_to_close) == (None, None)


def test_a_baseline_taken_late_is_the_baseline_taken_in_time(sales: Sales) -> None:
    four_weeks(sales)
    sales.world.publish(changed(points={"germany": 11}))
    sales.settle()
    baselines_take()
    in_time = said()

    sales.on(NOW + 2 * DAY)
    for handoff in Handoff.objects.filter(closed_at=None, decided_at=None):
        handoff_accept(handoff_id=handoff.pk, by=sales.rep)
        # Said to have happened before, and known only now.
        activity_record_own(lead_id=handoff.lead_id, kind="conversation", occurred_at=NOW - DAY)
        activity_record_own(lead_id=handoff.lead_id, kind="deal_won")
    Activity.objects.filter(kind="conversation", received_at__lt=NOW).update(withdrawn_at=NOW + DAY)
    sales.mql()
    sales.world.publish(changed(points={"germany": -30}))
    sales.on(NOW + 9 * DAY)
    Baseline.objects.all().delete()
    baselines_take()
    late = said()

    assert {pk: late[pk] for pk in in_time} == in_time
    assert len(late) == 3


def said() -> dict[int, dict[str, object]]:
    return {each.version_id: model_to_dict(each, exclude=["id"]) for each in Baseline.objects.all()}


def test_leads_that_were_merged_partners_or_erased_are_not_counted_as_scored(sales: Sales) -> None:
    leads = [sales.world.lead(title="CEO") for _ in range(5)]
    sales.settle()
    leads_merge(survivor_id=leads[3].pk, merged_id=leads[2].pk)
    lead_erase(lead_id=leads[0].pk, by=sales.world.admin)
    lead_update(lead_id=leads[1].pk, values={"source": "partner"})
    sales.settle()
    sales.clock.shift(DAY)
    assert leads_scored(model_id=sales.world.model.pk, at=datetime.now(tz=NOW.tzinfo)) == 2 == Score.objects.count()


def test_what_a_publication_lifts_counts_apart_from_what_leads_did(sales: Sales) -> None:
    for _ in range(2):
        sales.world.lead(title="CEO", country="DE")
    sales.settle()
    sales.clock.shift(HOUR)
    sales.world.publish(changed(points={"germany": 25}))
    sales.mql()
    now = datetime.now(tz=NOW.tzinfo)
    found = period_figures(model_id=sales.world.model.pk, start=now - 7 * DAY, end=now + DAY)
    assert (sum(found.qualified_by_week), found.qualified_by_publication) == (1, 2)


def test_a_second_episode_takes_the_conversations_after_it(sales: Sales) -> None:
    lead = sales.mql()
    first = sales.handoff(lead)
    sales.clock.shift(HOUR)
    handoff_reject(handoff_id=first.pk, by=sales.rep, reason="no_budget")
    sales.clock.shift(HOUR)
    Handoff.objects.create(
        lead=lead, model=sales.world.model, version=first.version, sla_due_at=first.sla_due_at, total=50,
        opened_total=50, opened_rating="A1", opened_stage="mql", opened_at=datetime.now(tz=NOW.tzinfo),
    )  # fmt: skip
    sales.clock.shift(HOUR)
    activity_record_own(lead_id=lead.pk, kind="conversation")
    sales.clock.shift(HOUR)
    end = datetime.now(tz=NOW.tzinfo)
    found = period_figures(model_id=sales.world.model.pk, start=end - DAY, end=end)
    assert (found.handed_off, found.conversations, found.seconds_to_conversation) == (2, 1, 3600)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_baseline_at_once_one_stays(shared_world: World) -> None:
    other = Held(act=baselines_take, before='INSERT INTO "insights_baseline"')
    assert other.is_held()
    assert baselines_take() == 1
    other.release()
    assert Baseline.objects.count() == 1


def test_a_publication_rings_for_its_baseline_once_it_is_committed(
    sales: Sales, django_capture_on_commit_callbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = []
    monkeypatch.setattr("insights.receivers._bell.send", lambda: rung.append(True))
    with django_capture_on_commit_callbacks(execute=True):
        sales.world.publish(changed(points={"germany": 11}), settle=False)
        assert not rung
    assert rung
    assert any(receiver() is wake_a_worker for _key, receiver, *_rest in version_published.receivers)


def test_more_leads_and_hand_offs_cost_no_more_queries(sales: Sales) -> None:
    counts = []
    for _ in range(2):
        for _lead in range(4):
            sales.mql()
        Baseline.objects.all().delete()
        with CaptureQueriesContext(connection) as found:
            assert baselines_take() == 1
        counts.append(len(found))
    assert counts[0] == counts[1]
