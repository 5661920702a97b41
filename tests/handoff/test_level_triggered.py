"""Whatever happens in whatever order: at rest every qualified lead has one open hand-off or one suppression."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from crm.models import Cause, Import, Lead
from handoff.models import Handoff, Release, Suppression
from handoff.services import (
    handoff_accept,
    handoff_claim,
    handoff_reject,
    handoff_release,
    handoffs_drain,
    handoffs_reconcile,
    import_release,
    import_release_stop,
)
from kernel.errors import ConflictError
from scoring.models import Score, ScoreChange
from tests.conftest import NOW
from tests.handoff.conftest import at_rest

LEADS = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("score"), LEADS, st.sampled_from([None, 10, 46, 49, 50, 70]), st.booleans(), st.booleans(), LEADS
        ),
        st.tuples(st.sampled_from(["claim", "release", "accept", "reject"]), LEADS),
        st.tuples(st.just("merge"), LEADS, LEADS),
        st.tuples(st.just("unmerge"), LEADS),
        st.tuples(st.just("wait"), st.sampled_from([1, 25, 80, 24 * 31])),
        st.tuples(st.just("look"), LEADS),
        st.tuples(st.just("import"), LEADS, st.sampled_from([50, 70]), LEADS),
        st.tuples(st.just("let_go"), LEADS, st.sampled_from([None, 0, 1, 2])),
        st.tuples(st.just("drain")),
    ),
    max_size=25,
)


def play(steps, leads, versions, scored, rep, clock):
    for name, *rest in steps:
        if name == "wait":
            clock.shift(timedelta(hours=rest[0]))
        elif name == "drain":
            handoffs_drain()
        else:
            lead = leads[rest[0]]
            lead.refresh_from_db()
            act(name, lead, rest[1:], leads, versions, scored, rep)
        # Never two, not even between rounds: the index holds it.
        open_leads = list(Handoff.objects.filter(closed_at=None).values_list("lead_id", flat=True))
        assert len(open_leads) == len(set(open_leads))


def act(name, lead, rest, leads, versions, scored, rep):
    is_live = lead.merged_into_id is None
    if name == "score" and is_live:
        total, is_fast_tracked, is_disqualified, which = rest
        scored(
            total,
            lead=lead,
            of=versions[which % len(versions)],
            is_fast_tracked=is_fast_tracked,
            is_disqualified=is_disqualified,
        )
    elif name == "merge" and is_live:
        other = leads[rest[0]]
        other.refresh_from_db()
        if other.pk != lead.pk and other.merged_into_id is None:
            Lead.objects.filter(pk=lead.pk).update(merged_into=other)
            Score.objects.filter(lead=lead).delete()
    elif name == "import" and is_live:
        imported(lead, *rest, versions, scored)
    elif name == "let_go":
        let_go(list(Import.objects.order_by("pk"))[leads.index(lead) % 2], rest[0])
    elif name == "unmerge":
        Lead.objects.filter(pk=lead.pk).update(merged_into=None)
    elif name == "look":
        handoffs_reconcile(lead_ids=[lead.pk])
    elif name in {"claim", "release", "accept", "reject"}:
        handoff = Handoff.objects.filter(lead=lead, closed_at=None).first()
        if handoff is not None:
            decide(name, handoff, rep)


def imported(lead, total, which, versions, scored):
    """A file alone lifts the lead over the line, as the scorer would write it down."""
    version = versions[which % len(versions)]
    was = Score.objects.filter(lead=lead, model=version.model, is_qualified=True).exists()
    scored(total, lead=lead, of=version)
    if not was:
        ScoreChange.objects.create(
            lead=lead,
            model=version.model,
            version=version,
            before={"is_qualified": False},
            after={"is_qualified": True},
            cause=Cause.IMPORTED,
            causes=[Cause.IMPORTED],
            imported_by=list(Import.objects.order_by("pk"))[which // 2],
        )


def let_go(brought, pace):
    """`pace` 0 stops."""
    by = User.objects.get(name="Mara")
    try:
        if pace == 0:
            import_release_stop(import_id=brought.pk, by=by)
        else:
            import_release(import_id=brought.pk, per_day=pace, by=by)
    except ConflictError:
        pass


def decide(name, handoff, rep):
    verbs = {"claim": handoff_claim, "release": handoff_release, "accept": handoff_accept}
    try:
        if name == "reject":
            handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget")
        else:
            verbs[name](handoff_id=handoff.pk, by=rep)
    except ConflictError:
        pass


def holds(steps, scored, publish, rep):
    with transaction.atomic(), time_machine.travel(NOW, tick=False) as clock:
        versions = [publish("one", priority=1), publish("two", priority=2)]
        leads = [scored(None) for _each in range(4)]
        User.objects.create_user("mara@ours.example", None, name="Mara", role=Role.MARKETER)
        for handoffs in ("quiet", "spread"):
            Import.objects.create(feed="file", file_name=handoffs, size=1, digest="0", state="done", handoffs=handoffs)
        accepted = set()
        play(steps, leads, versions, scored, rep, clock)
        accepted = set(Handoff.objects.filter(state="accepted").values_list("pk", flat=True))
        report = handoffs_drain()
        assert report.failed == []
        at_rest()
        assert handoffs_drain().done == {}
        # All that was let go in full is in the queue, and all that is held back by an import knows by which.
        gone = Release.objects.filter(per_day=None).values("imported_by")
        assert not Suppression.objects.filter(imported_by__in=gone).exists()
        # Settling withdraws nothing that was accepted, but for a merge with another accepted one.
        assert not Handoff.objects.filter(pk__in=accepted).exclude(state__in=["accepted", "merged"]).exists()
        transaction.set_rollback(True)


SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.django_db
@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=SUPPRESSED)
def test_at_rest_every_qualified_lead_is_answered_for(steps, scored, publish, person, reasons):
    holds(steps, scored, publish, rep_of(person))


@pytest.mark.prove
@pytest.mark.django_db
@given(steps=STEPS)
@settings(max_examples=1_000, deadline=None, suppress_health_check=SUPPRESSED)
def test_at_rest_every_qualified_lead_is_answered_for_many_times(steps, scored, publish, person, reasons):
    holds(steps, scored, publish, rep_of(person))


def rep_of(person):
    """One rep of this database, however often hypothesis asks."""
    return User.objects.filter(name="Rita").first() or person(name="Rita")
