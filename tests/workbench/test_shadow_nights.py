"""A draft beside the published version, each day: what it says is what its publication would do, once, or not at all."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Role, User
from crm.services.erasure import lead_erase
from crm.services.merging import leads_merge
from kernel.errors import ConflictError
from scoring.columns.generations import generation_refresh
from scoring.models import MatrixVersion, Score, Shadow, ShadowDay, ShadowLead
from scoring.preview.population import population_forget
from scoring.services.matrices import Edit, version_edit
from scoring.services.publication import version_publish
from scoring.services.runs import night_start
from scoring.services.shadowing import DayJudged, shadow_day_record, shadow_end, shadow_start, shadows_end_stale
from scoring.shadow_nights import shadows_night
from tests.preview.people import RICH, edited, people
from tests.scoring.conftest import shared_world as shared_world
from tests.scoring.conftest import world as world
from tests.scoring.holding import Held
from tests.scoring.world import MATRIX, World, changed

LOWER = changed(
    stages=[{**each, "at": 20} if each["key"] == "mql" else each for each in MATRIX["stages"] if each["key"] != "warm"]
)
TODAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def new_process(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.COLUMNS_DIR = tmp_path / "columns"
    population_forget()
    yield
    population_forget()


@dataclass
class Sides:
    """Whom the shadow qualifies alone, and whom the published version."""

    shadow: set[int]
    published: set[int]


def leads_of(shadow: Shadow, on: date) -> Sides:
    rows = list(ShadowLead.objects.filter(shadow=shadow, last_on=on).values_list("side", "lead"))
    return Sides(
        shadow={lead for side, lead in rows if side == "shadow"},
        published={lead for side, lead in rows if side == "published"},
    )


def next_day(clock: time_machine.Traveller, world: World, days: int = 1) -> None:
    clock.shift(timedelta(days=days))
    night_start()
    world.settle()


def qualified(world: World) -> dict[int, int]:
    return dict(Score.objects.filter(model=world.model, is_qualified=True).values_list("lead", "total"))


@pytest.mark.parametrize("seed", range(8))
def test_whom_a_shadow_names_is_whom_its_publication_lifts_or_drops_on_the_same_day(
    world: World, person: Callable[..., User], seed: int
) -> None:
    people(200, owners=[person(Role.REP)], seed=seed + 1)
    world.publish(RICH)
    draft = world.draft(edited(RICH, seed))
    shadow = shadow_start(version_id=draft.pk, by=world.admin)

    assert shadows_night() == 1
    said, day = leads_of(shadow, TODAY), ShadowDay.objects.get(shadow=shadow)
    totals = {row.lead_id: (row.total_published, row.total_shadow) for row in ShadowLead.objects.filter(shadow=shadow)}
    before, scores = qualified(world), dict(Score.objects.filter(model=world.model).values_list("lead", "total"))
    version_publish(version_id=draft.pk, by=world.admin, reason="A test asked for it.")
    world.settle()
    after, scores_after = qualified(world), dict(Score.objects.filter(model=world.model).values_list("lead", "total"))

    assert said == Sides(shadow=after.keys() - before.keys(), published=before.keys() - after.keys())
    assert (day.qualified_both, day.qualified_shadow_only, day.qualified_published_only) == (
        len(after.keys() & before.keys()), len(said.shadow), len(said.published),
    )  # fmt: skip
    assert totals == {lead: (scores.get(lead), scores_after.get(lead)) for lead in said.shadow | said.published}
    assert before, "somebody must be qualified, or the test shows nothing"


@pytest.mark.django_db(transaction=True)
def test_it_says_the_same_from_the_column_file_with_leads_that_came_after_it(
    shared_world: World, person: Callable[..., User]
) -> None:
    leads = people(300, owners=[person(Role.REP)])
    shared_world.publish(RICH)
    generation_refresh()
    for lead in leads[:40]:
        lead_erase(lead_id=lead.pk, by=shared_world.admin)
    shared_world.lead(title="CEO", country="DE")
    shared_world.settle()
    shadow = shadow_start(version_id=shared_world.draft({**LOWER, "name": "Lower"}).pk, by=shared_world.admin)

    assert shadows_night() == 1
    said, before = leads_of(shadow, TODAY), qualified(shared_world)
    version_publish(version_id=shadow.version_id, by=shared_world.admin, reason="A test asked for it.")
    shared_world.settle()
    after = qualified(shared_world)
    assert ShadowDay.objects.get().qualified_both == len(after.keys() & before.keys())
    assert said == Sides(shadow=after.keys() - before.keys(), published=before.keys() - after.keys())
    assert said.shadow


def test_a_day_is_judged_once_however_often_it_is_asked(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)

    assert [shadows_night(), shadows_night()] == [1, 0]
    assert leads_of(shadow, TODAY) == Sides(shadow={lead.pk}, published=set())
    assert ShadowDay.objects.count() == 1


def test_a_lead_keeps_its_first_day_and_moves_its_last(world: World, frozen_now: time_machine.Traveller) -> None:
    world.lead(title="CEO")
    world.settle()
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    shadows_night()
    next_day(frozen_now, world)
    assert shadows_night() == 1

    row = ShadowLead.objects.get(shadow=shadow)
    assert (row.first_on, row.last_on) == (TODAY, TODAY + timedelta(days=1))
    assert (row.total_published, row.total_shadow) == (20, 20)


def test_nothing_is_judged_before_the_run_of_the_day_is_done(world: World, frozen_now: time_machine.Traveller) -> None:
    world.lead(title="CEO")
    world.settle()
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    shadows_night()
    frozen_now.shift(timedelta(days=1))
    assert shadows_night() == 0, "the day has not begun"
    night_start()
    assert shadows_night() == 0, "its run goes on"
    world.settle()
    assert shadows_night() == 1
    assert list(shadow.days.values_list("as_of", flat=True)) == [TODAY, TODAY + timedelta(days=1)]


def test_days_that_nobody_judged_stay_gaps(world: World, frozen_now: time_machine.Traveller) -> None:
    world.lead(title="CEO")
    world.settle()
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    shadows_night()
    next_day(frozen_now, world, days=4)
    shadows_night()
    assert list(shadow.days.values_list("as_of", flat=True)) == [TODAY, TODAY + timedelta(days=4)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_judge_at_once_one_writes(shared_world: World) -> None:
    shared_world.lead(title="CEO")
    shared_world.settle()
    shadow = shadow_start(version_id=shared_world.draft(LOWER).pk, by=shared_world.admin)
    # Held before its day is written, everything judged; and before its claim is even asked for.
    for before in ('INSERT INTO "scoring_shadowday"', "pg_try_advisory_lock"):
        ShadowDay.objects.all().delete()
        Shadow.objects.update(judged_on=None)
        other = Held(act=shadows_night, before=before)
        assert other.is_held()
        mine = shadows_night()
        other.release()
        assert ShadowDay.objects.filter(shadow=shadow).count() == 1
        assert mine == (1 if before == "pg_try_advisory_lock" else 0)


@pytest.mark.django_db(transaction=True)
def test_a_judgement_of_which_the_claim_was_lost_writes_no_second_day(shared_world: World) -> None:
    shadow = shadow_start(version_id=shared_world.draft(LOWER).pk, by=shared_world.admin)
    none, no = np.zeros(0, np.int64), np.zeros(0, bool)
    day = DayJudged(
        as_of=TODAY, published_number=1, both=0, lead_ids=none, is_shadows=no, totals=(none, none), is_scored=(no, no)
    )
    other = Held(act=lambda: shadow_day_record(shadow_id=shadow.pk, day=day), before='INSERT INTO "scoring_shadowday"')
    assert other.is_held()
    mine = Held(act=lambda: shadow_day_record(shadow_id=shadow.pk, day=day), before='INSERT INTO "scoring_shadowday"')
    other.release()
    mine.release()
    assert ShadowDay.objects.count() == 1
    assert not mine.statement


def test_an_edit_ends_it_with_the_reason_and_an_undone_edit_does_not(world: World) -> None:
    draft = world.draft(LOWER)
    shadow = shadow_start(version_id=draft.pk, by=world.admin)
    path = "/criteria/demo/points"
    version_edit(version=draft, edits=[Edit(path=path, before=15, after=16)], by=world.admin)
    version_edit(version=draft, edits=[Edit(path=path, before=16, after=15)], by=world.admin)
    assert shadows_end_stale() == 0

    version_edit(version=draft, edits=[Edit(path=path, before=15, after=17)], by=world.admin)
    assert shadows_night() == 0
    shadow.refresh_from_db()
    assert (shadow.ended_because, shadow.judged_on) == ("edited", None)
    assert shadow.ended_at is not None
    assert AuditEntry.objects.get(action="shadow.end").details["because"] == "edited"
    again = shadow_start(version_id=draft.pk, by=world.admin)
    assert shadows_night() == 1
    assert again.days.count() == 1


def test_publication_and_retirement_end_it(world: World) -> None:
    published, retired, untouched = (world.draft(changed(LOWER, name=f"Draft {at}")) for at in range(3))
    shadows = [shadow_start(version_id=each.pk, by=world.admin) for each in (published, retired, untouched)]
    version_publish(version_id=published.pk, by=world.admin, reason="A test asked for it.")
    MatrixVersion.objects.filter(pk=retired.pk).update(state=MatrixVersion.State.RETIRED)
    world.settle()
    assert shadows_night() == 1
    for shadow in shadows:
        shadow.refresh_from_db()
    assert [shadow.ended_because for shadow in shadows] == ["published", "retired", ""]
    assert ShadowDay.objects.get().published == published


def test_what_somebody_ended_is_judged_no_more(world: World, frozen_now: time_machine.Traveller) -> None:
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    shadow_end(shadow_id=shadow.pk, by=world.admin)
    next_day(frozen_now, world)
    assert shadows_night() == 0
    with pytest.raises(ConflictError) as refused:
        shadow_end(shadow_id=shadow.pk, by=world.admin)
    assert refused.value.code == "shadow_ended"


def test_what_was_published_or_edited_while_it_was_judged_is_not_written(world: World) -> None:
    draft = world.draft(LOWER)
    shadow = shadow_start(version_id=draft.pk, by=world.admin)
    none, no = np.zeros(0, np.int64), np.zeros(0, bool)

    def record(published_number: int) -> bool:
        day = DayJudged(
            as_of=TODAY, published_number=published_number, both=0, lead_ids=none, is_shadows=no,
            totals=(none, none), is_scored=(no, no),
        )  # fmt: skip
        return shadow_day_record(shadow_id=shadow.pk, day=day)

    assert not record(7)
    version_edit(version=draft, edits=[Edit(path="/criteria/demo/points", before=15, after=16)], by=world.admin)
    assert not record(1)
    assert not ShadowDay.objects.exists()


def test_three_of_a_model_run_at_the_most_and_a_draft_runs_once(world: World) -> None:
    drafts = [world.draft(changed(LOWER, name=f"Draft {at}")) for at in range(4)]
    for draft in drafts[:3]:
        shadow_start(version_id=draft.pk, by=world.admin)
    for version, code in ((drafts[3], "too_many_shadows"), (drafts[0], "already_a_shadow")):
        with pytest.raises(ConflictError) as refused:
            shadow_start(version_id=version.pk, by=world.admin)
        assert refused.value.code == code
    shadow_end(shadow_id=Shadow.objects.get(version=drafts[1]).pk, by=world.admin)
    shadow_start(version_id=drafts[3].pk, by=world.admin)


def until_it_waits_or_comes_there(held: Held) -> None:
    """Until the other connection is blocked by a lock, or stands before its statement."""
    for _ in range(6_000):
        with connection.cursor() as cursor:
            # Within a transaction the statistics would stay as first seen.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            (waiting,) = cursor.fetchone()
        if waiting or held.statement:
            return
        time.sleep(0.005)
    raise AssertionError("It neither waited nor came there.")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_start_the_third_shadow_at_once_one_is_refused(shared_world: World) -> None:
    drafts = [shared_world.draft(changed(LOWER, name=f"Draft {at}")) for at in range(4)]
    for draft in drafts[:2]:
        shadow_start(version_id=draft.pk, by=shared_world.admin)
    other = Held(
        act=lambda: shadow_start(version_id=drafts[2].pk, by=shared_world.admin), before='INSERT INTO "scoring_shadow"'
    )
    assert other.is_held()
    mine = Held(
        act=lambda: shadow_start(version_id=drafts[3].pk, by=shared_world.admin), before='INSERT INTO "scoring_shadow"'
    )
    until_it_waits_or_comes_there(mine)
    other.release()
    with pytest.raises(ConflictError):
        mine.release()
    assert Shadow.objects.filter(ended_at=None).count() == 3


def test_what_is_published_already_or_has_nothing_beside_it_runs_not(world: World) -> None:
    published = MatrixVersion.objects.get(model=world.model)
    with pytest.raises(ConflictError) as refused:
        shadow_start(version_id=published.pk, by=world.admin)
    assert refused.value.code == "not_a_draft"
    alone = World()
    with pytest.raises(ConflictError) as refused:
        shadow_start(version_id=alone.draft(LOWER).pk, by=world.admin)
    assert refused.value.code == "not_published"


def test_what_is_kept_of_a_merged_lead_goes_to_its_survivor(world: World, frozen_now: time_machine.Traveller) -> None:
    first, second, third = (world.lead(title="CEO") for _ in range(3))
    world.settle()
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    shadows_night()
    ShadowLead.objects.filter(lead=third).delete()
    ShadowLead.objects.filter(lead=first).update(first_on=TODAY - timedelta(days=3), last_on=TODAY - timedelta(days=1))
    shadow_end(shadow_id=shadow.pk, by=world.admin)
    leads_merge(survivor_id=second.pk, merged_id=first.pk)
    leads_merge(survivor_id=third.pk, merged_id=second.pk)

    shadows_night()
    row = ShadowLead.objects.get(shadow=shadow)
    assert (row.lead_id, row.first_on, row.last_on, row.side) == (third.pk, TODAY - timedelta(days=3), TODAY, "shadow")
    shadows_night()
    assert ShadowLead.objects.count() == 1


def test_a_survivor_with_days_of_its_own_keeps_the_earlier_first_and_the_later_last(world: World) -> None:
    kept, earlier, later = (world.lead(title="CEO") for _ in range(3))
    world.settle()
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    days = {kept: (-3, -2, 31), earlier: (-5, -4, 32), later: (-1, 0, 33)}
    for lead, (first, last, total) in days.items():
        ShadowLead.objects.create(
            shadow=shadow, lead=lead, side="shadow", total_shadow=total,
            first_on=TODAY + timedelta(days=first), last_on=TODAY + timedelta(days=last),
        )  # fmt: skip
    shadow_end(shadow_id=shadow.pk, by=world.admin)
    leads_merge(survivor_id=kept.pk, merged_id=earlier.pk)
    shadows_night()
    row = ShadowLead.objects.get(lead=kept)
    assert (row.first_on, row.last_on, row.total_shadow) == (
        TODAY - timedelta(days=5), TODAY - timedelta(days=2), 31,
    )  # fmt: skip
    leads_merge(survivor_id=kept.pk, merged_id=later.pk)
    shadows_night()
    row = ShadowLead.objects.get()
    assert (row.first_on, row.last_on, row.total_shadow) == (TODAY - timedelta(days=5), TODAY, 33)


def test_an_erased_person_leaves_no_row_and_the_days_their_counts(world: World) -> None:
    lead, other = world.lead(title="CEO"), world.lead(title="CEO")
    world.settle()
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    shadows_night()
    lead_erase(lead_id=lead.pk, by=world.admin)
    assert leads_of(shadow, TODAY) == Sides(shadow={other.pk}, published=set())
    assert ShadowDay.objects.get().qualified_shadow_only == 2


def test_who_was_erased_or_merged_while_the_day_was_judged_is_left_out(world: World) -> None:
    kept, erased, merged = (world.lead(title="CEO") for _ in range(3))
    shadow = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    ids = np.array([merged.pk, kept.pk, erased.pk])
    lead_erase(lead_id=erased.pk, by=world.admin)
    leads_merge(survivor_id=kept.pk, merged_id=merged.pk)
    three, yes = np.full(3, 2**40), np.ones(3, bool)
    day = DayJudged(
        as_of=TODAY, published_number=1, both=0, lead_ids=ids, is_shadows=yes, totals=(three, three),
        is_scored=(~yes, yes),
    )  # fmt: skip
    assert shadow_day_record(shadow_id=shadow.pk, day=day)
    row = ShadowLead.objects.get()
    assert (row.lead_id, row.total_published, row.total_shadow) == (kept.pk, None, 2**40)


def test_more_leads_cost_no_more_statements(world: World) -> None:
    counts = []
    for people_more in (5, 60):
        for _ in range(people_more):
            world.lead(title="CEO")
        world.settle()
        shadow = shadow_start(version_id=world.draft(changed(LOWER, name=f"{people_more}")).pk, by=world.admin)
        population_forget()
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert shadows_night() == 1
        counts.append(len(found))
        shadow_end(shadow_id=shadow.pk, by=world.admin)
    assert counts[0] == counts[1]
    assert ShadowLead.objects.filter(shadow=shadow).count() == 65
