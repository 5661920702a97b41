"""The states of an answer, what is touched meanwhile, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Role, User
from crm.services.erasure import lead_erase
from kernel.errors import InvalidError
from scoring import bell
from scoring.columns.generations import generation_refresh
from scoring.models import ScoringModel
from scoring.preview import Preview, population, preview
from scoring.preview.background import measuring_join
from scoring.preview.naming import names_for
from scoring.services.matrices import model_create
from scoring.tasks import keep_columns
from tests.scoring.world import MATRIX, World, changed

SHORTER = changed(
    criteria=[
        {**each, "decay": {"linear_days": 5}} if each["key"] == "pricing-page" else each for each in MATRIX["criteria"]
    ]
)


def entering(said: Preview, key: str = "warm") -> list[int]:
    assert said.figures is not None, said.state
    [stage] = [each for each in said.figures.stages if each.key == key]
    return [lead.lead_id for lead in stage.flow.entering.leads]


def asked(model: ScoringModel, document: Any = MATRIX, **parts: Any) -> Preview:
    return preview(model=model, document=document, **parts)


def test_a_bad_document_is_refused_with_every_problem(world: World) -> None:
    with pytest.raises(InvalidError) as refused:
        asked(world.model, {**MATRIX, "grades": {"E": 1}, "name": 3})
    assert {each.pointer for each in refused.value.problems} == {"/grades/E", "/name"}


def test_a_model_without_a_version_has_nobody_before(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    said = asked(model_create(slug="another", name="Another", by=world.admin))
    assert said.figures is not None
    assert (said.published, said.figures.scored.before, said.figures.scored.after) == (None, 0, 1)
    assert entering(said) == [lead.pk]


def test_an_empty_population_has_an_answer(world: World) -> None:
    said = asked(world.model)
    assert said.figures is not None
    assert (said.leads, said.figures.distribution.before) == (0, ())


def test_what_changes_after_it_was_read_is_in_the_next_answer(world: World) -> None:
    draft = changed(points={"germany": 25})
    lead = world.lead(country="DE")
    assert entering(asked(world.model, draft)) == [lead.pk]
    other = world.lead(country="DE")
    assert entering(asked(world.model, draft)) == [lead.pk, other.pk]
    lead_erase(lead_id=lead.pk, by=world.admin)
    assert entering(asked(world.model, draft)) == [other.pk]


def test_too_many_to_be_read_wait_for_the_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "MOST_READ", 1)
    world.lead()
    assert asked(world.model).state == "ready"
    world.lead()
    sent: list[str] = []
    monkeypatch.setattr(bell, "_columns", bell.Bell(send=lambda: sent.append(bell.KEEP_COLUMNS)))
    said = asked(world.model)
    assert (said.state, said.figures) == ("preparing", None)
    assert sent == [keep_columns.name]


@pytest.mark.django_db(transaction=True)
def test_a_changed_condition_is_measured_beside_the_request(shared_world: World) -> None:
    world = shared_world
    lead = world.lead(title="CEO")
    world.send(lead)
    world.settle()
    generation_refresh()
    asked(world.model, is_waiting=True)
    said = asked(world.model, SHORTER)
    assert (said.state, said.measuring, said.figures) == ("measuring", ("pricing-page",), None)
    measuring_join()
    assert asked(world.model, SHORTER).state == "ready"


@pytest.mark.django_db(transaction=True)
def test_an_erased_lead_vanishes_from_the_files_figures_at_once(shared_world: World) -> None:
    world = shared_world
    leads = [world.lead(country="DE") for _ in range(3)]
    world.settle()
    generation_refresh()
    draft = changed(points={"germany": 25})
    first = asked(world.model, draft, is_waiting=True)
    assert entering(first) == [lead.pk for lead in leads]
    lead_erase(lead_id=leads[1].pk, by=world.admin)
    said = asked(world.model, draft)
    assert said.leads == 2
    assert entering(said) == [leads[0].pk, leads[2].pk]


@pytest.mark.django_db(transaction=True)
def test_of_too_many_touched_leads_the_files_facts_stand_and_the_answer_says_so(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shared_world
    leads = [world.lead(country="DE") for _ in range(3)]
    world.settle()
    generation_refresh()
    monkeypatch.setattr(population, "MOST_TOUCHED", 1)
    for lead in leads:
        world.send(lead, "chat")
    lead_erase(lead_id=leads[0].pk, by=world.admin)
    said = asked(world.model, changed(points={"germany": 25}), is_waiting=True, is_fresh=True)
    assert (said.leads, said.behind, entering(said)) == (2, 1, [leads[1].pk, leads[2].pk])


def test_names_are_those_of_leads_the_person_may_see(world: World, person: Callable[..., User]) -> None:
    mine, marketer, auditor = person(Role.REP), person(Role.MARKETER), person(Role.AUDITOR)
    lead, other = (world.lead(country="DE", first_name=name) for name in ("Ada", "Bob"))
    lead.owner = mine
    lead.save()
    said = asked(world.model, changed(points={"germany": 25}))
    assert names_for(mine, said) == {lead.pk: "Ada"}
    assert names_for(marketer, said) == {lead.pk: "Ada", other.pk: "Bob"}
    assert names_for(auditor, said) == {lead.pk: "", other.pk: ""}
