"""Reasons for warnings: kept, asked for again, gone with the finding; and all that lint is told of a version."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry, Role
from crm.models import AttributeDefinition
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import AcceptedFinding, MatrixVersion
from scoring.preview.observed import observed_of
from scoring.preview.population import population_forget
from scoring.services.accepting import finding_accept, finding_accept_withdraw
from scoring.services.looking_again import version_review
from scoring.services.matrices import Edit, version_edit
from scoring.services.observing import findings_of, unexplained_warnings
from tests.scoring.conftest import world as world
from tests.scoring.world import MATRIX, World, changed
from tests.workbench.reviewed import somebody

# Worth more than half of the 40 points of the hand-off.
BIG = {"exec-title": 21}


@pytest.fixture(autouse=True)
def nobody_is_kept() -> None:
    population_forget()


def draft_with_warnings(world: World, **parts: Any) -> MatrixVersion:
    return world.draft(changed(points=BIG, **parts))


def codes(version: MatrixVersion) -> set[tuple[str, tuple[str, ...]]]:
    return {(each.code, each.criteria) for each in unexplained_warnings(version)}


def test_a_reason_is_kept_with_who_gave_it_and_the_warning_asks_no_more(world: World) -> None:
    draft = draft_with_warnings(world)
    mara = somebody(Role.MARKETER, "Mara")
    assert ("L01", ("exec-title",)) in codes(draft)
    finding_accept(
        version_id=draft.pk, code="L01", criteria=["exec-title"], reason=" Titles tell us everything. ", by=mara
    )
    assert ("L01", ("exec-title",)) not in codes(draft)
    kept = AcceptedFinding.objects.get()
    assert (kept.reason, kept.accepted_by, kept.criteria) == ("Titles tell us everything.", mara, ["exec-title"])
    assert AuditEntry.objects.filter(action="version.accept_finding", actor=mara).count() == 1
    finding_accept(version_id=draft.pk, code="L01", criteria=["exec-title"], reason="They buy.", by=mara)
    assert AcceptedFinding.objects.get().reason == "They buy."
    finding_accept_withdraw(version_id=draft.pk, code="L01", criteria=["exec-title"], by=mara)
    assert ("L01", ("exec-title",)) in codes(draft)
    with pytest.raises(ConflictError):
        finding_accept_withdraw(version_id=draft.pk, code="L01", criteria=["exec-title"], by=mara)


def test_a_reason_goes_with_its_finding_and_does_not_come_back_with_it(world: World) -> None:
    draft = draft_with_warnings(world)
    finding_accept(version_id=draft.pk, code="L01", criteria=["exec-title"], reason="They buy.", by=world.admin)
    draft = version_edit(
        version=draft,
        edits=[Edit(path="/criteria/demo/label", before="Asked for a demo", after="Demo")],
        by=world.admin,
    )
    assert AcceptedFinding.objects.count() == 1
    points = "/criteria/exec-title/points"
    draft = version_edit(version=draft, edits=[Edit(path=points, before=21, after=20)], by=world.admin)
    assert not AcceptedFinding.objects.exists()
    draft = version_edit(version=draft, edits=[Edit(path=points, before=20, after=21)], by=world.admin)
    assert ("L01", ("exec-title",)) in codes(draft)


@pytest.mark.parametrize(
    ("finding", "reason", "code"),
    [
        (("L01", ["exec-title"]), "  ", "reason_required"),
        (("L01", ["exec-title"]), "x" * 2_001, "reason_too_long"),
        (("L11", ["opened"]), "So be it.", "no_warning"),
        (("L22", []), "So be it.", "no_warning"),
    ],
)
def test_what_is_no_reason_or_no_warning_is_refused(
    world: World, finding: tuple[str, list[str]], reason: str, code: str
) -> None:
    opened = {
        "key": "opened",
        "label": "Opened",
        "dimension": "behavior",
        "points": 1,
        "when": {"kinds": ["email_open"]},
    }
    broken = {"name": "No", "as_of": "2026-03-03", "facts": {"lead": {}}, "stage": "sql"}
    draft = draft_with_warnings(
        world, examples=[broken], criteria=[*changed(points=BIG)["criteria"], {**opened, "count": {"max": 1}}]
    )
    with pytest.raises(InvalidError) as refused:
        finding_accept(version_id=draft.pk, code=finding[0], criteria=finding[1], reason=reason, by=world.admin)
    assert refused.value.code == code
    assert not AcceptedFinding.objects.exists()


def test_what_lint_does_not_find_is_not_accepted_nor_anything_of_a_published_version(world: World) -> None:
    draft = draft_with_warnings(world)
    with pytest.raises(ConflictError) as gone:
        finding_accept(version_id=draft.pk, code="L01", criteria=["germany"], reason="Why not.", by=world.admin)
    assert gone.value.code == "finding_gone"
    published = world.publish(changed(points=BIG))
    with pytest.raises(ConflictError) as immutable:
        finding_accept(version_id=published.pk, code="L01", criteria=["exec-title"], reason="So.", by=world.admin)
    assert immutable.value.code == "version_immutable"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REP])
def test_who_may_not_edit_gives_no_reasons(world: World, role: Role) -> None:
    draft = draft_with_warnings(world)
    with pytest.raises(NotAllowedError):
        finding_accept(version_id=draft.pk, code="L01", criteria=["exec-title"], reason="So.", by=somebody(role))


# What lint is told


def test_a_criterion_that_finds_nobody_or_everybody_is_told_from_todays_units(world: World) -> None:
    for _number in range(3):
        world.send(world.lead(seniority="vp"))
    draft = world.draft(changed(points={"germany": 11}))
    observed = observed_of(draft)
    assert observed.leads == 3
    assert observed.matched["exec-title"] == 3
    assert observed.matched["germany"] == 0
    found = {each.criteria for each in findings_of(draft, observed=observed) if each.code == "L13"}
    assert {("exec-title",), ("germany",)} <= found


def test_a_criterion_that_may_have_matched_on_another_of_the_days_is_not_called_idle(world: World) -> None:
    """A curve that ends within the 90 days, silence, and the age of a lead say nothing of the days before."""
    world.lead()
    young = {
        "key": "young",
        "dimension": "fit",
        "points": 1,
        "if": {"field": "lead.created_days", "op": "gt", "value": 9},
    }
    observed = observed_of(world.draft(changed(criteria=[*MATRIX["criteria"], young])))
    assert observed.leads == 1
    assert not {"pricing-page", "went-quiet", "demo", "young"} & observed.matched.keys()


def test_leads_that_the_model_does_not_score_are_not_counted(world: World) -> None:
    world.lead(country="DE")
    world.lead(country="DE", source="partner")
    observed = observed_of(world.draft())
    assert (observed.leads, observed.matched["germany"]) == (1, 1)


def test_an_attribute_that_sales_fill_in_leaks_the_outcome(world: World) -> None:
    leaking = {
        "key": "budget",
        "dimension": "fit",
        "points": 1,
        "if": {"field": "lead.attributes.budget", "op": "is_known"},
    }
    draft = world.draft(changed(criteria=[*MATRIX["criteria"], leaking]))
    assert "L17" not in {each.code for each in findings_of(draft)}
    AttributeDefinition.objects.create(subject="lead", key="budget", label="Budget", is_filled_by_sales=True)
    assert ("L17", ("budget",)) in {(each.code, each.criteria) for each in findings_of(draft)}


def test_the_age_and_the_last_review_of_the_published_version_are_told(world: World, frozen_now) -> None:
    draft = world.draft()
    assert observed_of(draft).published_age_days == 0
    frozen_now.shift(timedelta(days=100))
    version_review(version_id=world.model.versions.get(number=1).pk, by=world.admin, note="Still serves.")
    frozen_now.shift(timedelta(days=2))
    observed = observed_of(draft)
    assert (observed.published_age_days, observed.days_since_review) == (102, 2)
