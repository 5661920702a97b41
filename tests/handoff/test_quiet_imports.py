"""What a quiet import holds back, what ends it, and how its leads are let go: through the real write path of scores."""

from copy import deepcopy
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from accounts.models import Installation, Role
from crm.models import Import, Lead
from crm.services.activities import activities_record
from crm.services.leads import lead_update, leads_upsert_many
from handoff.models import Handoff, Release, Suppression
from handoff.services import handoff_reject, handoffs_drain, import_release, import_release_stop
from handoff.services.estimating import handoffs_would_open, leads_worked
from handoff.services.release_state import release_state
from handoff.services.releasing import releases_drain
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import Score
from scoring.services.rescoring import work_drain
from tests.handoff.conftest import DOCUMENT, at_rest

pytestmark = pytest.mark.django_db

PRICING = "https://ours.example/pricing"
numbers = count(1)


@pytest.fixture
def marketer(person):
    return person(Role.MARKETER, name="Mara")


@pytest.fixture
def brought(frozen_now, version, person):
    """Make an import: `brought("spread", handoffs_per_day=2)`."""
    person(name="Rita", weekly_capacity=50)

    def make(handoffs="quiet", **values):
        return Import.objects.create(
            **{"feed": "file", "file_name": "old.csv", "size": 1, "digest": "0", "state": "done", **values},
            handoffs=handoffs,
        )

    return make


def bring(brought, name="lena", seniority="vp", **values):
    item = {"email": f"{name}@theirs.example", "seniority": seniority, **values}
    leads_upsert_many(feed="file", items=[item], import_id=brought.pk)
    return Lead.objects.get(email_key=item["email"])


def does(lead, kind, *, by=None, times=1, **values):
    for each in range(times):
        item = {
            "message_id": f"m{next(numbers)}",
            "lead": {"id": lead.pk},
            "kind": kind,
            "occurred_at": (timezone.now() - timedelta(hours=each)).isoformat(),
            **values,
        }
        (result,) = activities_record(feed="file" if by else "web", items=[item], import_id=by.pk if by else None)
        assert result.status == "accepted", result


def settle():
    work_drain()
    handoffs_drain()


def history(brought, name="lena", views=1, **values):
    """A VP with page views of the past, as the file tells them: 40 points and 10 for each of three views."""
    lead = bring(brought, name, **values)
    does(lead, "page_view", by=brought, times=views, url=PRICING)
    return lead


@pytest.mark.parametrize("handoffs", ["quiet", "spread"])
def test_a_lead_that_one_quiet_import_alone_qualifies_is_held_back(brought, handoffs):
    quiet = brought(handoffs, state="running")
    lead = history(quiet)
    settle()
    assert Score.objects.get(lead=lead).is_qualified
    held = Suppression.objects.get(lead=lead)
    assert (held.reason, held.until, held.imported_by) == ("quiet", None, quiet)
    assert not Handoff.objects.exists()
    assert handoffs_drain().done == {}
    at_rest()


def test_an_import_that_hands_off_at_once_opens(brought):
    lead = history(brought("all"))
    settle()
    assert Handoff.objects.get().lead == lead


def test_an_import_that_hands_off_at_once_opens_under_a_quiet_version_too(brought, publish):
    document = deepcopy(DOCUMENT)
    document["stages"][1]["at"] = 40
    publish(document=document, is_quiet=True)
    lead = bring(brought("all"))
    settle()
    assert Handoff.objects.get().lead == lead


def test_a_fast_track_in_a_quiet_import_is_history_and_held_back(brought):
    quiet = brought()
    lead = bring(quiet, seniority="manager")
    does(lead, "demo_request", by=quiet)
    settle()
    assert Score.objects.get(lead=lead).is_fast_tracked
    assert Suppression.objects.get(lead=lead).imported_by == quiet


def test_a_lead_that_others_qualified_with_the_import_opens(brought):
    lead = bring(brought())
    does(lead, "page_view", url=PRICING)
    settle()
    assert Handoff.objects.get().lead == lead


def test_a_lead_that_qualified_before_keeps_its_hand_off_and_an_import_adds_nothing(brought):
    lead = bring(brought("all"))
    does(lead, "page_view", url=PRICING)
    settle()
    handoff = Handoff.objects.get(lead=lead)
    does(lead, "page_view", by=brought(), url=PRICING)
    settle()
    assert Handoff.objects.get() == handoff
    assert not Suppression.objects.exists()


def test_anything_new_worth_points_from_elsewhere_opens(brought, frozen_now):
    lead = history(brought())
    settle()
    frozen_now.shift(timedelta(days=1))
    does(lead, "page_view", url="https://ours.example/blog")
    settle()
    assert not Handoff.objects.exists()
    does(lead, "page_view", url=PRICING)
    settle()
    assert Handoff.objects.get().lead == lead
    at_rest()


def test_what_is_received_just_before_the_crossing_and_judged_after_it_is_not_missed(brought, frozen_now):
    """The clock of whoever received it may say an earlier time than the change, whose judge could not see it."""
    lead = history(brought())
    work_drain()
    frozen_now.shift(timedelta(minutes=-1))
    does(lead, "page_view", url=PRICING)
    frozen_now.shift(timedelta(minutes=1))
    settle()
    assert Handoff.objects.get().lead == lead


def test_what_was_known_when_the_import_crossed_is_not_new(brought, frozen_now):
    lead = bring(brought("all"), seniority="manager")
    does(lead, "page_view", url=PRICING)
    settle()
    frozen_now.shift(timedelta(minutes=2))
    bring(brought())
    settle()
    assert Suppression.objects.get(lead=lead).basis["known"]
    frozen_now.shift(timedelta(minutes=2))
    lead_update(lead_id=lead.pk, values={"city": "Bonn"})
    settle()
    assert not Handoff.objects.exists()


@pytest.mark.parametrize("same", [True, False])
def test_more_of_the_past_is_no_news_whichever_quiet_import_brings_it(brought, frozen_now, same):
    first = brought()
    lead = history(first)
    settle()
    frozen_now.shift(timedelta(days=1))
    second = first if same else brought()
    does(lead, "page_view", by=second, url=PRICING)
    bring(second, attributes={"hot": "yes"})
    settle()
    assert Score.objects.get(lead=lead).total == 61
    assert not Handoff.objects.exists()
    assert handoffs_drain().done == {}


def test_an_import_that_hands_off_at_once_is_news_to_a_lead_held_back(brought, frozen_now):
    lead = history(brought())
    settle()
    frozen_now.shift(timedelta(days=1))
    does(lead, "page_view", by=brought("all"), url=PRICING)
    settle()
    assert Handoff.objects.get().lead == lead


def test_a_field_that_somebody_fills_in_is_news_and_one_that_an_import_fills_in_is_not(brought, frozen_now):
    lead = history(brought())
    settle()
    frozen_now.shift(timedelta(days=1))
    lead_update(lead_id=lead.pk, values={"attributes": {"hot": "yes"}})
    settle()
    assert Handoff.objects.get().lead == lead


def test_history_does_not_end_a_cool_down(brought, frozen_now, reasons):
    lead = bring(brought("all"))
    does(lead, "demo_request")
    settle()
    handoff = Handoff.objects.get(lead=lead)
    handoff_reject(handoff_id=handoff.pk, by=handoff.owner, reason="no-budget")
    frozen_now.shift(timedelta(days=2))
    does(lead, "demo_request", by=brought())
    settle()
    assert Suppression.objects.get(lead=lead).reason == "cool_down"
    does(lead, "demo_request")
    settle()
    assert Handoff.objects.filter(lead=lead, closed_at=None).exists()


def test_it_ends_when_the_lead_falls_and_opens_when_it_rises_for_another_reason(brought, frozen_now):
    lead = history(brought())
    settle()
    frozen_now.shift(timedelta(days=1))
    lead_update(lead_id=lead.pk, values={"seniority": "manager"})
    settle()
    assert not Suppression.objects.exists()
    lead_update(lead_id=lead.pk, values={"seniority": "vp"})
    settle()
    assert Handoff.objects.get().lead == lead


def test_once_worked_by_sales_it_comes_back_after_its_cool_down(brought, frozen_now, marketer, reasons):
    quiet = brought()
    lead = history(quiet)
    settle()
    import_release(import_id=quiet.pk, per_day=1, by=marketer)
    handoffs_drain()
    handoff = Handoff.objects.get(lead=lead)
    frozen_now.shift(timedelta(hours=1))
    handoff_reject(handoff_id=handoff.pk, by=handoff.owner, reason="no-budget")
    Release.objects.all().delete()
    frozen_now.shift(timedelta(days=30))
    handoffs_drain()
    assert Handoff.objects.filter(lead=lead, closed_at=None).exists()


# Letting go


@pytest.fixture
def held(brought):
    """Five leads held back by one import, the best last: 50, 50, 60, 70 points and one on the fast track."""

    def make(handoffs="quiet", **values):
        quiet = brought(handoffs, **values)
        leads = [history(quiet, f"l{index}", views) for index, views in enumerate((1, 1, 2, 3))]
        fast = bring(quiet, "fast", seniority="manager")
        does(fast, "demo_request", by=quiet)
        work_drain()
        return quiet, [*leads, fast]

    return make


def opened():
    return list(Handoff.objects.order_by("pk").values_list("lead__email", flat=True))


def test_all_are_handed_off_at_once(held, marketer):
    quiet, _leads = held()
    handoffs_drain()
    import_release(import_id=quiet.pk, per_day=None, by=marketer)
    handoffs_drain()
    assert Handoff.objects.filter(closed_at=None).count() == 5
    assert not Suppression.objects.exists()
    handoffs_drain()
    release = Release.objects.get()
    assert release.released == 5
    assert release.finished_at is not None
    # Who is judged late is handed off too.
    history(quiet, "late")
    settle()
    assert Handoff.objects.count() == 6
    at_rest()


def test_the_best_are_handed_off_first_so_many_a_day(held, marketer, frozen_now):
    quiet, _leads = held()
    handoffs_drain()
    import_release(import_id=quiet.pk, per_day=2, by=marketer)
    handoffs_drain()
    handoffs_drain()
    assert set(opened()) == {"fast@theirs.example", "l3@theirs.example"}
    state = release_state(quiet)
    assert (state.held, state.released, state.days, state.is_running) == (3, 2, 2, True)
    frozen_now.shift(timedelta(days=1))
    handoffs_drain()
    assert set(opened()[2:]) == {"l2@theirs.example", "l0@theirs.example"}
    frozen_now.shift(timedelta(days=3))
    handoffs_drain()
    handoffs_drain()
    assert len(opened()) == 5
    state = release_state(quiet)
    assert (state.held, state.released, state.is_running, state.is_finished) == (0, 5, False, True)
    assert handoffs_drain().done == {}
    at_rest()


def test_a_day_is_a_day_where_the_company_is(held, marketer, frozen_now):
    Installation.objects.update_or_create(pk=1, defaults={"time_zone": "Pacific/Auckland"})
    quiet, _leads = held()
    handoffs_drain()
    import_release(import_id=quiet.pk, per_day=1, by=marketer)
    # It is 3 March, 12:00 UTC and so 4 March, 01:00 in Auckland; there the next day begins at 11:00 UTC.
    handoffs_drain()
    frozen_now.shift(timedelta(hours=22, minutes=59))
    handoffs_drain()
    assert len(opened()) == 1
    frozen_now.shift(timedelta(minutes=2))
    handoffs_drain()
    assert len(opened()) == 2


def test_an_import_that_wants_it_spread_begins_by_itself_once_all_are_judged(held, frozen_now):
    spread, _leads = held("spread", handoffs_per_day=2, state="running")
    handoffs_drain()
    assert opened() == []
    Import.objects.update(state="done")
    bring(spread, "last", seniority="manager")
    handoffs_drain()
    # One is still to be judged: the best of all are not known.
    assert opened() == []
    settle()
    assert set(opened()) == {"fast@theirs.example", "l3@theirs.example"}
    assert Release.objects.get().per_day == 2


def test_without_a_number_the_spread_takes_what_those_who_are_there_can_work(held, person):
    person(name="Away", weekly_capacity=500, absent_until=timezone.now().date() + timedelta(days=1))
    held("spread")
    handoffs_drain()
    assert Release.objects.get().per_day == 10


def test_stopped_the_rest_is_held_back(held, marketer, frozen_now):
    quiet, _leads = held("spread", handoffs_per_day=2)
    handoffs_drain()
    import_release_stop(import_id=quiet.pk, by=marketer)
    frozen_now.shift(timedelta(days=2))
    handoffs_drain()
    assert len(opened()) == 2
    assert release_state(quiet).is_stopped
    with pytest.raises(ConflictError):
        import_release_stop(import_id=quiet.pk, by=marketer)
    import_release(import_id=quiet.pk, per_day=None, by=marketer)
    handoffs_drain()
    assert len(opened()) == 5


def test_a_share_is_not_taken_twice_of_one_day_at_another_pace(held, marketer):
    quiet, _leads = held()
    handoffs_drain()
    for pace in (1, 2):
        import_release(import_id=quiet.pk, per_day=pace, by=marketer)
        handoffs_drain()
    assert len(opened()) == 1


def test_killed_between_taking_and_opening_nothing_is_doubled_or_lost(held, marketer):
    quiet, _leads = held()
    handoffs_drain()
    import_release(import_id=quiet.pk, per_day=2, by=marketer)
    # Taken and committed; then the worker dies before it opens any.
    assert releases_drain(now=timezone.now()) == 2
    assert opened() == []
    assert releases_drain(now=timezone.now()) == 0
    handoffs_drain()
    handoffs_drain()
    assert len(opened()) == 2
    assert Release.objects.get().released == 2


def test_who_fell_meanwhile_is_let_go_without_a_hand_off(held, marketer):
    quiet, leads = held()
    handoffs_drain()
    import_release(import_id=quiet.pk, per_day=1, by=marketer)
    releases_drain(now=timezone.now())
    Score.objects.filter(lead=leads[4]).update(is_qualified=False, is_fast_tracked=False)
    handoffs_drain()
    assert opened() == []
    assert Release.objects.get().released == 0


@pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR])
def test_who_neither_brings_files_nor_leads_sales_releases_nothing(held, person, role):
    quiet, _leads = held()
    with pytest.raises(NotAllowedError):
        import_release(import_id=quiet.pk, per_day=None, by=person(role))
    with pytest.raises(NotAllowedError):
        import_release_stop(import_id=quiet.pk, by=person(role))


@pytest.mark.parametrize("pace", [0, -1, 10_001])
def test_a_pace_that_is_none_is_refused(held, marketer, pace):
    quiet, _leads = held()
    with pytest.raises(InvalidError):
        import_release(import_id=quiet.pk, per_day=pace, by=marketer)


# What imports ask


def test_the_estimate_counts_who_would_open_and_writes_nothing(held, brought):
    _quiet, leads = held()
    Suppression.objects.all().delete()
    cold = bring(brought(), "cold", seniority="manager")
    ids = [*(lead.pk for lead in leads), cold.pk]
    assert handoffs_would_open(ids, 1) == 5
    handoffs_drain()
    assert handoffs_would_open(ids, 1) == 0
    assert not Handoff.objects.exists()


def test_leads_that_sales_worked_with_are_kept(held, marketer, reasons):
    quiet, leads = held()
    handoffs_drain()
    import_release(import_id=quiet.pk, per_day=None, by=marketer)
    handoffs_drain()
    handoff = Handoff.objects.get(lead=leads[0])
    handoff_reject(handoff_id=handoff.pk, by=handoff.owner, reason="no-budget")
    assert leads_worked([lead.pk for lead in leads]) == {leads[0].pk}
