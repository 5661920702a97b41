"""The leads behind a figure are those it counts, best first, on every page."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from accounts.models import Role, User
from crm.services.erasure import lead_erase
from scoring.columns.generations import generation_refresh
from scoring.preview import preview
from scoring.preview.answer import Figures
from scoring.preview.comparing import Moved
from scoring.preview.crowds import Choice, Crowd, Where, crowd, crowd_between
from tests.preview.people import RICH, edited, people
from tests.preview.truth import scores_of
from tests.scoring.world import World, changed

SEEDS = range(12)


def found(world: World, document: Any, choice: Choice) -> Crowd:
    _said, made = crowd(model=world.model, document=document, choice=choice)
    assert made is not None
    return made


def figures(world: World, document: Any) -> Figures:
    made = preview(model=world.model, document=document, names=None).figures
    assert made is not None
    return made


def filled(world: World, person: Callable[..., User]) -> None:
    people(200, owners=[person(Role.REP)])
    world.publish(RICH)


def assert_counts(world: World, draft: Any) -> int:
    """Every count of a preview against the leads behind it; how many cells were looked at."""
    said = figures(world, draft)
    cells = 0
    for line, table in (("stage", said.stage_table), ("rating", said.rating_table)):
        for row, column, count in table.cells():
            choice = Choice(before=Where(line=line, key=row), after=Where(line=line, key=column))
            assert len(found(world, draft, choice)) == count, (line, row, column)
            cells += 1
    for line in ("qualified", "scored", "disqualified", "fast_tracked"):
        pair = getattr(said, line)
        assert len(found(world, draft, Choice(before=Where(line=line)))) == pair.before
        assert len(found(world, draft, Choice(after=Where(line=line)))) == pair.after
    for line, key, flow in (
        ("qualified", None, said.qualified.flow),
        *(("stage", each.key, each.flow) for each in said.stages),
    ):
        inside, outside = Where(line=line, key=key), Where(line=line, key=key, is_in=False)
        for crossing, choice in (
            (flow.entering, Choice(before=outside, after=inside)),
            (flow.leaving, Choice(before=inside, after=outside)),
        ):
            assert tuple(found(world, draft, choice).page(most=1_000)) == crossing.leads
    bins = said.distribution
    for at, (before, after) in enumerate(zip(bins.before, bins.after, strict=True)):
        where = Where(line="total", totals=(bins.start + at * bins.width, bins.start + (at + 1) * bins.width))
        assert len(found(world, draft, Choice(before=where))) == before
        assert len(found(world, draft, Choice(after=where))) == after
    for each in said.criteria:
        where = Where(line="criterion", key=each.key)
        assert len(found(world, draft, Choice(before=where))) == each.leads_before
        assert len(found(world, draft, Choice(after=where))) == each.leads_after
    return cells


def test_behind_every_figure_stand_as_many_leads_as_it_says(world: World, person: Callable[..., User]) -> None:
    filled(world, person)
    assert sum(assert_counts(world, edited(RICH, seed)) for seed in SEEDS) > 100


@pytest.mark.django_db(transaction=True)
def test_touched_leads_stand_behind_figures_as_they_are_now(shared_world: World, person: Callable[..., User]) -> None:
    world = shared_world
    filled(world, person)
    generation_refresh()
    leads = [world.lead(title="CEO", country="DE") for _ in range(3)]
    world.send(leads[0], "demo_request")
    world.settle()
    lead_erase(lead_id=leads[1].pk, by=world.admin)
    preview(model=world.model, document=edited(RICH, 1), is_waiting=True, is_fresh=True)
    assert_counts(world, edited(RICH, 1))


def test_pages_are_the_whole_in_one_order(world: World, person: Callable[..., User]) -> None:
    filled(world, person)
    everybody = found(world, RICH, Choice(after=Where(line="scored")))
    whole = everybody.page(most=1_000)
    pages: list[Moved] = []
    after = None
    while page := everybody.page(most=7, after=after):
        pages += page
        after = (page[-1].total_after or 0, page[-1].lead_id)
    assert pages == whole
    assert [each.lead_id for each in whole] == [
        pk for pk, score in sorted(scores_of(world.model).items(), key=lambda each: (-each[1].total, each[0]))
    ]


def test_a_crowd_is_narrowed_to_some(world: World) -> None:
    mine, other = (world.lead(country="DE") for _ in range(2))
    world.settle()
    choice = Choice(before=Where(line="scored"))
    some = found(world, RICH, choice).among(np.array([other.pk, other.pk + 100]))
    assert [each.lead_id for each in some.page(most=5)] == [other.pk]
    assert len(found(world, RICH, choice)) == 2
    assert mine.pk not in some.lead_ids


def test_a_stage_that_one_side_has_not_is_empty_there(world: World) -> None:
    world.lead(country="DE")
    world.settle()
    assert len(found(world, RICH, Choice(before=Where(line="stage", key="no-such")))) == 0


def test_two_documents_are_held_against_each_other(world: World) -> None:
    lead = world.lead(title="CEO", country="DE")
    world.settle()
    stages = [{**each, "at": 30} if each["key"] == "mql" else each for each in RICH["stages"]]
    said, between = crowd_between(
        model=world.model,
        document=RICH,
        changed=changed(RICH, stages=stages),
        choice=Choice(before=Where(line="qualified", is_in=False), after=Where(line="qualified")),
    )
    assert (said.state, between is not None and between.lead_ids.tolist()) == ("ready", [lead.pk])
