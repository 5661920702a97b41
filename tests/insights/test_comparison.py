"""A version against the days before it: as many on either side, the kept baseline where it fits, and caveats that are said."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from handoff.services.deciding import handoff_accept
from insights.baselines import baselines_take
from insights.comparison import comparison
from insights.models import Baseline
from insights.wording import span_words
from scoring.models import MatrixVersion
from tests.conftest import NOW
from tests.insights.test_baselines import DAY, HOUR, Sales, four_weeks
from tests.insights.test_baselines import sales as sales
from tests.scoring.world import changed

HOSTILE = "<script>alert('x')</script>"


def cells(version: MatrixVersion) -> dict[str, list[str]]:
    return {row.label: [cell.text for cell in row.cells] for row in comparison(version).rows}


def ten_days_on(sales: Sales) -> MatrixVersion:
    """Four weeks, a publication, and ten days in which three leads were handed off and two of them accepted."""
    four_weeks(sales)
    version = sales.world.publish(changed(points={"germany": 11}))
    baselines_take()
    sales.on(NOW + 2 * DAY)
    leads = [sales.mql() for _ in range(3)]
    sales.on(NOW + 2 * DAY + 3 * HOUR)
    for lead in leads[:2]:
        handoff_accept(handoff_id=sales.handoff(lead).pk, by=sales.rep)
    sales.on(NOW + 10 * DAY + HOUR)
    return MatrixVersion.objects.select_related("model").get(pk=version.pk)


def test_ten_days_since_are_held_against_ten_days_before(sales: Sales) -> None:
    version = ten_days_on(sales)
    found = comparison(version)
    assert (found.days, found.before, found.before_days, found.is_young, found.is_mixed) == (10, 1, 10, True, False)
    assert (found.start, found.end) == (NOW - 10 * DAY, NOW + 10 * DAY)
    said = cells(version)
    assert said["Handed off"] == ["2", "3"]
    assert said["Accepted, of those decided"] == ["0 of 0", "2 of 2"]
    assert said["Time to accept, median"] == ["–", "3 h"]
    assert said["Leads scored"] == ["6", "9"]
    assert said["Qualified a week"] == ["1.4", "2.1"]
    assert said["Waiting for an answer at the end"] == ["2", "3"]


def test_of_four_weeks_the_days_before_are_those_that_were_kept(sales: Sales) -> None:
    version = ten_days_on(sales)
    sales.clock.move_to(NOW + 40 * DAY)
    Baseline.objects.filter(version=version).update(handed_off=77)
    found = comparison(version)
    assert (found.days, found.is_young) == (28, False)
    assert cells(version)["Handed off"] == ["77", "3"]
    Baseline.objects.all().delete()
    assert cells(version)["Handed off"] == ["5", "3"]
    assert cells(version)["Leads scored"] == ["–", "9"]


def test_a_version_that_was_replaced_is_compared_for_the_days_it_judged(sales: Sales) -> None:
    version = ten_days_on(sales)
    sales.world.publish(changed(points={"germany": 12}))
    sales.clock.move_to(NOW + 40 * DAY)
    version.refresh_from_db()
    found = comparison(version)
    assert found.days == 10
    assert cells(version)["Leads scored"] == ["6", "–"]
    later = MatrixVersion.objects.get(number=3)
    assert (comparison(later).before, comparison(later).before_days, comparison(later).is_mixed) == (2, 10, True)


def test_the_first_version_has_none_before_it_and_a_draft_shows_what_would_be_kept(sales: Sales) -> None:
    sales.on(NOW - 38 * DAY)
    sales.mql()
    sales.clock.shift(DAY)
    first = MatrixVersion.objects.select_related("model__active_version").get(number=1)
    assert (comparison(first).before, comparison(first).days) == (None, 3)
    draft = MatrixVersion.objects.select_related("model__active_version").get(pk=sales.world.draft().pk)
    found = comparison(draft)
    assert (found.is_plan, found.days, found.before, found.before_days) == (True, 28, 1, 3)
    assert cells(draft)["Handed off"] == ["1"]


def test_on_its_first_day_there_is_nothing_to_compare(sales: Sales, person) -> None:
    version = sales.world.publish(changed(points={"germany": 11}))
    sales.clock.shift(HOUR)
    assert comparison(version).rows == []
    client = Client()
    client.force_login(person(Role.MARKETER))
    assert b"Nothing to compare yet" in client.get(reverse("publication-baseline", args=[version.pk])).content


def test_the_panel_says_its_days_its_intervals_and_its_caveats(sales: Sales, person) -> None:
    version = ten_days_on(sales)
    type(version.model).objects.update(name=HOSTILE)
    client = Client()
    client.force_login(person(Role.AUDITOR))
    content = " ".join(client.get(reverse("publication-baseline", args=[version.pk])).content.decode().split())
    for said in ("10 days before", "10 days since", "Few days so far", "100 % (34 to 100)", "3 in all, 0.4 to 6.1"):
        assert said in content, said
    assert HOSTILE not in content
    client.force_login(person(Role.REP))
    assert client.get(reverse("publication-baseline", args=[version.pk])).status_code == 404


def test_more_hand_offs_cost_no_more_queries(sales: Sales) -> None:
    version = ten_days_on(sales)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as found:
            comparison(version)
        counts.append(len(found))
        for _lead in range(5):
            sales.mql()
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0 min"),
        (89 * 60, "89 min"),
        (5400, "2 h"),
        (86_400, "24 h"),
        (172_800, "2 days"),
        (2_332_800, "27 days"),
    ],
)
def test_a_span_is_said_in_its_fitting_unit(seconds: int | None, words: str) -> None:
    assert span_words(seconds) == words
