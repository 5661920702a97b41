"""The percentile of a total: the share of scored leads with a lower one, in whole percent, as of a day."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.services.erasure import lead_erase
from scoring.models import Score, ScoreDistribution
from scoring.services.matrices import model_create
from scoring.services.percentiles import Percentile, distribution_of, distribution_renew, percentile_of
from tests.scoring.world import World

TODAY = date(2026, 3, 3)


def totals(world: World, *wanted: int) -> None:
    """As many scored leads as totals, each with its own."""
    leads = [world.lead(country="DE") for _total in wanted]
    world.settle()
    for lead, total in zip(leads, wanted, strict=True):
        Score.objects.filter(lead=lead, model=world.model).update(total=total)


def percents(world: World, *asked: int) -> list[int]:
    distribution_renew(model_id=world.model.pk)
    found = [percentile_of(model_id=world.model.pk, total=total) for total in asked]
    return [each.percent for each in found if each is not None]


def test_it_is_the_share_with_a_lower_total_rounded_down_with_its_day(world: World) -> None:
    totals(world, 10, 20, 30)
    distribution_renew(model_id=world.model.pk)
    assert percentile_of(model_id=world.model.pk, total=30) == Percentile(percent=66, leads=3, as_of=TODAY)
    assert percents(world, 10, 20, 30) == [0, 33, 66]


def test_a_total_that_nobody_had_stands_between_its_neighbours(world: World) -> None:
    totals(world, 10, 20, 30)
    assert percents(world, 9, 11, 25, 31) == [0, 33, 66, 100]


def test_equal_totals_have_equal_percentiles(world: World) -> None:
    totals(world, 5, 5, 5, 5)
    assert percents(world, 5) == [0]
    totals(world, 7, 7)
    assert percents(world, 5, 7) == [0, 66]


def test_negative_totals_are_numbers_like_others(world: World) -> None:
    totals(world, -30, -20, 0, 10)
    assert percents(world, -31, -30, -20, -1, 0, 10) == [0, 0, 25, 50, 50, 75]


def test_one_lead_is_above_nobody(world: World) -> None:
    totals(world, 40)
    assert percents(world, 40) == [0]


def test_a_model_that_scored_nobody_has_none(world: World) -> None:
    assert percentile_of(model_id=world.model.pk, total=3) is None
    distribution_renew(model_id=world.model.pk)
    assert percentile_of(model_id=world.model.pk, total=3) is None
    assert ScoreDistribution.objects.get(model=world.model).totals == []


def test_a_model_without_a_version_keeps_nothing(world: World) -> None:
    other = model_create(slug="unpublished", name="Unpublished", by=world.admin)
    distribution_renew(model_id=other.pk)
    assert not ScoreDistribution.objects.filter(model=other).exists()


def test_other_models_do_not_count(world: World) -> None:
    totals(world, 10, 20)
    other = World()
    other.publish()
    Score.objects.filter(model=other.model).update(total=1000)
    assert Score.objects.filter(model=other.model).count() == 2
    assert percents(world, 20) == [50]


def test_made_again_it_says_what_is_so_now_and_an_erased_lead_is_gone_from_it(world: World) -> None:
    totals(world, 10, 20)
    assert percents(world, 20) == [50]
    lowest = Score.objects.get(model=world.model, total=10)
    lead_erase(lead_id=lowest.lead_id, by=world.admin)
    # Of the day it was made it goes on speaking until the next run.
    assert percentile_of(model_id=world.model.pk, total=20) == Percentile(percent=50, leads=2, as_of=TODAY)
    assert percents(world, 20) == [0]
    assert ScoreDistribution.objects.filter(model=world.model).count() == 1


@pytest.mark.parametrize("leads", [2, 40])
def test_it_is_one_statement_and_one_look_up(world: World, leads: int) -> None:
    totals(world, *range(leads))
    with CaptureQueriesContext(connection) as renewing:
        distribution_renew(model_id=world.model.pk)
    # The model's time zone, and the statement.
    assert len(renewing) == 2
    with CaptureQueriesContext(connection) as asking:
        found = distribution_of(model_id=world.model.pk)
    assert len(asking) == 1
    assert found is not None
    assert [found.of(total).percent for total in range(leads)] == [100 * total // leads for total in range(leads)]
