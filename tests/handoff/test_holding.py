"""What ends a suppression, and what a quiet publication holds back: through the real write path of scores."""

from copy import deepcopy
from datetime import timedelta

import pytest

from crm.services.activities import activities_record, activity_withdraw
from crm.services.leads import lead_update, lead_upsert
from handoff.models import Handoff, Suppression
from handoff.services import handoff_reject, handoffs_drain, handoffs_reconcile
from scoring.models import Run, Score
from scoring.services.rescoring import work_drain
from tests.conftest import NOW
from tests.handoff.conftest import DOCUMENT, at_rest

pytestmark = pytest.mark.django_db


def lower(at):
    """The same matrix with the line at another total."""
    document = deepcopy(DOCUMENT)
    document["stages"][1]["at"] = at
    return document


@pytest.fixture
def lead(frozen_now, version):
    def make(name="lena", seniority="vp", **values):
        return lead_upsert(
            feed="web",
            values={"external_id": name, "email": f"{name}@theirs.example", "seniority": seniority, **values},
        ).lead

    return make


@pytest.fixture
def does(frozen_now):
    counter = iter(range(1_000))

    def send(kind, name="lena", at=None, **values):
        item = {
            "message_id": f"m{next(counter)}",
            "lead": {"external_id": name},
            "kind": kind,
            "occurred_at": (at or frozen_time()).isoformat(),
            **values,
        }
        (result,) = activities_record(feed="web", items=[item])
        assert result.status == "accepted", result
        settle()
        return result

    def frozen_time():
        from django.utils import timezone

        return timezone.now()

    return send


def settle():
    work_drain()
    handoffs_drain()


def rescore_all():
    """What a bulk run would do after a publication: every lead judged again, because of the version."""
    from crm.models import Cause, Lead
    from crm.services.work import work_add

    work_add(lead_ids=list(Lead.objects.values_list("pk", flat=True)), cause=Cause.VERSION)
    settle()


@pytest.fixture
def rejected(lead, does, person, reasons):
    """A VP who asked for a demo, was handed off and rejected."""

    def make(reason="no-budget"):
        rep = person(name="Rita")
        found = lead()
        does("demo_request")
        handoff = Handoff.objects.get(lead=found, closed_at=None)
        assert handoff.is_fast_tracked
        handoff_reject(handoff_id=handoff.pk, by=rep, reason=reason)
        settle()
        assert not Handoff.objects.filter(closed_at=None).exists()
        return found

    return make


@pytest.mark.parametrize("later", [timedelta(hours=1), timedelta(days=2)])
def test_a_newer_fast_track_ends_a_cool_down_though_the_score_stays_equal(later, frozen_now, rejected, does):
    found = rejected()
    before = Score.objects.get(lead=found)
    frozen_now.shift(later)
    does("demo_request")
    assert Score.objects.get(lead=found).total == before.total
    assert Handoff.objects.get(lead=found, closed_at=None).opened_at == NOW + later
    assert not Suppression.objects.exists()
    at_rest()


def test_a_reason_that_says_never_outlasts_a_newer_fast_track(frozen_now, rejected, does):
    found = rejected("competitor")
    frozen_now.shift(timedelta(days=2))
    does("demo_request")
    assert Suppression.objects.get(lead=found).until == NOW + timedelta(days=365)
    assert not Handoff.objects.filter(closed_at=None).exists()


def test_points_without_a_fast_track_do_not_end_a_cool_down(frozen_now, rejected, does):
    found = rejected()
    frozen_now.shift(timedelta(days=2))
    for _each in range(3):
        does("page_view", url="https://ours.example/pricing")
    assert Score.objects.get(lead=found).total == 75
    assert not Handoff.objects.filter(closed_at=None).exists()


def test_an_older_fast_track_that_resurfaces_is_not_newer(frozen_now, lead, does, person, reasons):
    rep = person()
    found = lead()
    does("demo_request", at=NOW - timedelta(days=5))
    newer = does("demo_request")
    handoff_reject(handoff_id=Handoff.objects.get(closed_at=None).pk, by=rep, reason="no-budget")
    settle()
    frozen_now.shift(timedelta(days=1))
    from crm.models import Activity

    activity_withdraw(activity_id=Activity.objects.get(message_id=newer.message_id).pk)
    settle()
    assert Score.objects.get(lead=found).is_fast_tracked
    assert not Handoff.objects.filter(closed_at=None).exists()


def test_a_fast_track_by_a_field_ends_a_cool_down_once_it_begins_to_hold(frozen_now, rejected):
    found = rejected()
    frozen_now.shift(timedelta(days=1))
    lead_update(lead_id=found.pk, values={"attributes": {"hot": "yes"}})
    settle()
    assert Handoff.objects.filter(lead=found, closed_at=None).exists()


def test_a_fast_track_that_only_a_new_version_brings_is_not_news(frozen_now, rejected, publish):
    found = rejected()
    frozen_now.shift(timedelta(days=1))
    document = deepcopy(DOCUMENT)
    document["criteria"].append({**document["criteria"][0], "key": "senior", "fast_track": True})
    publish(document=document)
    rescore_all()
    assert Score.objects.get(lead=found).is_fast_tracked
    assert not Handoff.objects.filter(closed_at=None).exists()


def test_a_cool_down_without_news_ends_with_its_days(frozen_now, rejected):
    found = rejected()
    frozen_now.shift(timedelta(days=30))
    handoffs_drain()
    assert Handoff.objects.filter(lead=found, closed_at=None).exists()


def test_a_quiet_publication_opens_nothing_for_leads_that_cross_only_by_it(frozen_now, lead, publish, person):
    person()
    found = lead()
    settle()
    frozen_now.shift(timedelta(hours=1))
    publish(document=lower(40), is_quiet=True)
    rescore_all()
    assert Score.objects.get(lead=found).is_qualified
    held = Suppression.objects.get(lead=found)
    assert (held.reason, held.until) == ("quiet", None)
    assert not Handoff.objects.exists()
    assert handoffs_drain().done == {}


def test_a_loud_publication_opens_for_leads_that_cross_only_by_it(frozen_now, lead, publish, person):
    person()
    found = lead()
    settle()
    frozen_now.shift(timedelta(hours=1))
    publish(document=lower(40))
    rescore_all()
    assert Handoff.objects.get().lead == found


def test_anything_new_worth_points_ends_quiet(frozen_now, lead, does, publish, person):
    person()
    found = lead()
    settle()
    frozen_now.shift(timedelta(hours=1))
    publish(document=lower(40), is_quiet=True)
    rescore_all()
    frozen_now.shift(timedelta(days=1))
    does("page_view", url="https://ours.example/blog")
    assert not Handoff.objects.exists()
    does("page_view", url="https://ours.example/pricing")
    assert Handoff.objects.get().lead == found
    at_rest()


def test_quiet_ends_when_the_lead_falls_and_so_it_may_come_back(frozen_now, lead, publish, person):
    person()
    found = lead()
    settle()
    frozen_now.shift(timedelta(hours=1))
    publish(document=lower(40), is_quiet=True)
    rescore_all()
    lead_update(lead_id=found.pk, values={"seniority": "manager"})
    settle()
    assert not Suppression.objects.exists()
    lead_update(lead_id=found.pk, values={"seniority": "vp"})
    settle()
    assert Handoff.objects.get().lead == found


def test_a_lead_that_qualified_before_is_not_hushed(frozen_now, lead, does, publish, person, reasons):
    rep = person()
    found = lead()
    does("page_view", url="https://ours.example/pricing")
    handoff = Handoff.objects.get(lead=found)
    frozen_now.shift(timedelta(hours=1))
    publish(document=lower(40), is_quiet=True)
    rescore_all()
    handoff.refresh_from_db()
    assert handoff.closed_at is None
    handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget")
    frozen_now.shift(timedelta(days=30))
    handoffs_drain()
    # On the same facts the version before would have qualified it too: the cool-down is over, so it opens.
    assert Handoff.objects.filter(lead=found, closed_at=None).exists()


def test_a_lead_that_is_new_under_a_quiet_version_opens(frozen_now, lead, publish, person):
    person()
    publish(document=lower(40), is_quiet=True)
    frozen_now.shift(timedelta(days=1))
    found = lead("nina")
    settle()
    assert Handoff.objects.get().lead == found


def test_two_quiet_publications_in_a_row_are_one_stretch(frozen_now, lead, publish, person):
    person()
    found = lead()
    settle()
    for at in (40, 39):
        frozen_now.shift(timedelta(hours=1))
        publish(document=lower(at), is_quiet=True)
    # Nobody looked in between: the second alone would find that the first had qualified it.
    rescore_all()
    assert Suppression.objects.get(lead=found).reason == "quiet"


def test_without_a_loud_version_before_it_a_quiet_one_holds_everybody_back(frozen_now, publish, person):
    person()
    found = lead_upsert(
        feed="web", values={"external_id": "old", "email": "old@theirs.example", "seniority": "vp"}
    ).lead
    from crm.models import Work

    Work.objects.all().delete()
    publish("first", lower(40), is_quiet=True)
    rescore_all()
    assert Suppression.objects.get(lead=found).reason == "quiet"
    assert Run.objects.count() == 0


def test_each_suppression_asks_since_when_it_began_itself(frozen_now, rejected, lead, does, person, reasons):
    rejected()
    frozen_now.shift(timedelta(days=1))
    later = lead("nina")
    does("demo_request", name="nina")
    handoff = Handoff.objects.get(lead=later, closed_at=None)
    frozen_now.shift(timedelta(days=1))
    handoff_reject(handoff_id=handoff.pk, by=handoff.owner, reason="no-budget")
    rescore_all()
    # Her request is newer than the other's rejection, but not than her own.
    handoffs_reconcile(lead_ids=list(Score.objects.values_list("lead_id", flat=True)))
    assert not Handoff.objects.filter(closed_at=None).exists()


def test_each_quiet_stretch_asks_since_when_it_began_itself(frozen_now, lead, does, publish, person):
    person()
    late = deepcopy(DOCUMENT)
    late["criteria"][0] |= {"points": 30, "if": {"field": "lead.seniority", "op": "is", "value": "manager"}}
    publish("late", late)
    lead("lena")
    lead("nina", seniority="manager")
    settle()
    frozen_now.shift(timedelta(hours=1))
    publish(document=lower(40), is_quiet=True)
    frozen_now.shift(timedelta(days=1))
    does("page_view", name="nina", url="https://ours.example/pricing")
    frozen_now.shift(timedelta(days=1))
    quiet = deepcopy(late)
    quiet["stages"][1]["at"] = 40
    publish("late", quiet, is_quiet=True)
    # Both models cross their leads in one go; her page view is older than the stretch that concerns her.
    rescore_all()
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"quiet"}
    assert Suppression.objects.count() == 2
    assert not Handoff.objects.exists()
