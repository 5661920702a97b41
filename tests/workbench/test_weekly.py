"""Leads lifted over the line by weeks, under each version while it judged."""

from datetime import timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Lead
from crm.services.leads import lead_update
from scoring.models import MatrixVersion
from scoring.services.runs import night_start
from scoring.workbench_shown.weekly import _LIFTED, weekly_of
from tests.scoring.conftest import world as world
from tests.scoring.world import World, changed

DAY = timedelta(days=1)


def lifted(world: World) -> Lead:
    lead = world.lead(title="CEO", country="DE")
    world.send(lead, "demo_request")
    world.settle()
    return lead


def versions(world: World) -> list[MatrixVersion]:
    return list(MatrixVersion.objects.filter(model=world.model).order_by("number"))


def test_each_version_counts_its_own_weeks_and_what_the_switch_lifted_apart(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    lifted(world)
    first = lifted(world)
    world.lead(title="CEO", country="DE")
    frozen_now.shift(8 * DAY)
    night_start()
    # Falls below the line and comes back: lifted twice.
    lead_update(lead_id=first.pk, values={"source": "partner"})
    world.settle()
    lead_update(lead_id=first.pk, values={"source": "web"})
    world.settle()
    frozen_now.shift(6 * DAY)
    world.publish(changed(points={"germany": 25}))
    frozen_now.shift(DAY)
    lifted(world)
    draft = world.draft()

    one, two, _three = versions(world)
    found = weekly_of(versions(world))
    assert draft.pk not in found
    assert (found[one.pk].weeks, found[one.pk].publication, found[one.pk].days) == ([2, 1, 0], 0, 14)
    assert found[one.pk].per_week == 1.5
    assert (found[two.pk].weeks, found[two.pk].publication, found[two.pk].days) == ([1], 1, 1)
    assert found[two.pk].per_week is None


def test_the_mean_is_over_all_weeks_and_the_last_twelve_are_listed(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    lifted(world)
    frozen_now.shift(20 * 7 * DAY)
    (version,) = versions(world)
    found = weekly_of([version])[version.pk]
    assert (found.weeks, found.lifted, found.per_week) == ([0] * 12, 1, 0.1)


def test_many_versions_are_one_query_and_none_is_none(world: World) -> None:
    for points in (11, 12, 13):
        world.publish(changed(points={"germany": points}))
    four = versions(world)
    with CaptureQueriesContext(connection) as found:
        assert len(weekly_of(four)) == 4
    assert len(found) == 1
    with CaptureQueriesContext(connection) as found:
        assert weekly_of([]) == {}
    assert not found.captured_queries


def test_it_is_answered_from_the_index_of_those_who_reached_the_line(world: World) -> None:
    lifted(world)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        (version,) = versions(world)
        asked = {"versions": [version.pk], "week": 604_800, "publication": "version"}
        cursor.execute(f"EXPLAIN {_LIFTED}", asked)
        assert "score_change_qualified" in str(cursor.fetchall())
