"""From draft to review and back: what blocks it, who signs, and what clears a signature."""

import pytest

from accounts.models import AuditEntry, Notification, Role
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import AcceptedFinding, MatrixVersion, SignOff
from scoring.services.matrices import Edit, version_create, version_edit
from scoring.services.observing import findings_of, unexplained_warnings
from scoring.services.publication import version_publish
from scoring.services.reviewing import version_submit, version_withdraw, warnings_accept_all
from scoring.services.signatures import signature_withdraw, signatures_of, version_sign
from tests.scoring.conftest import world as world
from tests.scoring.world import MATRIX, World, changed
from tests.workbench.reviewed import Reviewers, somebody

State = MatrixVersion.State


@pytest.fixture
def two(db: None) -> Reviewers:
    return Reviewers()


def edit_points(version: MatrixVersion, by, before: int = 15, after: int = 16) -> None:
    version_edit(version=version, edits=[Edit(path="/criteria/demo/points", before=before, after=after)], by=by)


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("user__name", flat=True))


def test_a_draft_whose_warnings_have_reasons_goes_into_review_and_the_other_side_is_asked(
    world: World, two: Reviewers
) -> None:
    draft = world.draft()
    revision = draft.revision
    warnings_accept_all(draft, by=two.marketing, reason="We talked about it.")
    version_submit(version_id=draft.pk, by=two.marketing)
    draft.refresh_from_db()
    assert (draft.state, draft.submitted_by) == (State.IN_REVIEW, two.marketing)
    assert draft.submitted_at is not None
    assert draft.revision == revision + 1
    assert told("version_submitted") == {"Sam"}
    entry = AuditEntry.objects.get(action="version.submit")
    assert (entry.actor, entry.details["checksum"]) == (two.marketing, draft.checksum)


def test_an_administrator_asks_both_sides(world: World, two: Reviewers) -> None:
    two.submit(world.draft(), by=world.admin)
    assert told("version_submitted") == {"Sam", "Mara"}


def test_every_warning_asks_for_a_reason_that_is_kept(world: World, two: Reviewers) -> None:
    draft = world.draft()
    warnings = unexplained_warnings(draft)
    assert warnings
    with pytest.raises(InvalidError) as refused:
        version_submit(version_id=draft.pk, by=two.sales)
    assert refused.value.code == "unexplained_warnings"
    assert [each.code for each in refused.value.problems] == [each.code for each in warnings]
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    for each in warnings:
        AcceptedFinding.objects.create(
            version=draft, code=each.code, criteria=sorted(each.criteria), reason="So it is.", accepted_by=two.sales
        )
    version_submit(version_id=draft.pk, by=two.sales)


def test_errors_of_lint_block_a_submission(world: World, two: Reviewers) -> None:
    stages = [
        {"key": "cold", "label": "C"},
        {"key": "mql", "label": "M", "at": 900},
        {"key": "sql", "label": "S", "at": 950},
    ]
    draft = world.draft(changed(stages=stages, criteria=[each for each in MATRIX["criteria"] if each["key"] != "demo"]))
    with pytest.raises(InvalidError) as refused:
        version_submit(version_id=draft.pk, by=two.sales)
    assert (refused.value.code, [each.code for each in refused.value.problems]) == ("lint_errors", ["L02"])


def test_only_a_draft_is_submitted(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    for version in (draft, world.model.versions.get(number=1)):
        with pytest.raises(ConflictError):
            version_submit(version_id=version.pk, by=two.sales)


@pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR])
def test_who_does_not_edit_neither_submits_nor_takes_back(world: World, two: Reviewers, role: Role) -> None:
    draft = world.draft()
    with pytest.raises(NotAllowedError):
        version_submit(version_id=draft.pk, by=somebody(role))
    two.submit(draft)
    with pytest.raises(NotAllowedError):
        version_withdraw(version_id=draft.pk, by=somebody(role))


def test_taken_back_it_is_a_draft_again_without_signatures(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    version_sign(version_id=draft.pk, by=two.sales)
    version_withdraw(version_id=draft.pk, by=two.marketing)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert not SignOff.objects.exists()
    assert AuditEntry.objects.get(action="version.signatures_clear").details == {"sides": ["sales"]}
    with pytest.raises(ConflictError):
        version_withdraw(version_id=draft.pk, by=two.marketing)


def test_two_people_sign_each_for_the_side_of_their_role(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    assert not signatures_of(draft).is_complete
    first = version_sign(version_id=draft.pk, by=two.sales, checksum=draft.checksum)
    assert not signatures_of(draft).is_complete
    second = version_sign(version_id=draft.pk, by=two.marketing)
    assert (first.side, second.side) == ("sales", "marketing")
    assert {first.checksum, second.checksum} == {draft.checksum}
    assert signatures_of(draft).is_complete
    assert AuditEntry.objects.filter(action="version.sign").count() == 2
    assert told("version_signed") == {"Ada", "Sam", "Mara"}


@pytest.mark.parametrize("role", [Role.REP, Role.ADMINISTRATOR, Role.AUDITOR])
def test_nobody_else_signs(world: World, two: Reviewers, role: Role) -> None:
    draft = two.submit(world.draft())
    with pytest.raises(NotAllowedError) as refused:
        version_sign(version_id=draft.pk, by=somebody(role))
    assert refused.value.code == "no_signer"


def test_a_side_signs_once(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    version_sign(version_id=draft.pk, by=two.sales)
    with pytest.raises(ConflictError, match="already"):
        version_sign(version_id=draft.pk, by=two.sales)
    with pytest.raises(ConflictError, match="Sam"):
        version_sign(version_id=draft.pk, by=somebody(Role.SALES_MANAGER))


def test_one_person_never_signs_for_both_sides_even_in_another_role(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    version_sign(version_id=draft.pk, by=two.sales)
    two.sales.role = Role.MARKETER
    two.sales.save()
    with pytest.raises(ConflictError) as refused:
        version_sign(version_id=draft.pk, by=two.sales)
    assert refused.value.code == "signed_already"


def test_an_author_signs_for_their_side_beside_somebody_who_wrote_nothing(world: World, two: Reviewers) -> None:
    draft = version_create(model=world.model, document=MATRIX, by=two.marketing)
    two.sign(draft)
    assert signatures_of(draft).is_complete


@pytest.mark.parametrize("first", ["sales", "marketing"])
def test_two_who_both_wrote_it_do_not_sign_it_alone(world: World, two: Reviewers, first: str) -> None:
    draft = version_create(model=world.model, document=MATRIX, by=two.marketing)
    edit_points(draft, two.sales)
    two.submit(draft)
    one, other = (two.sales, two.marketing) if first == "sales" else (two.marketing, two.sales)
    version_sign(version_id=draft.pk, by=one)
    with pytest.raises(NotAllowedError) as refused:
        version_sign(version_id=draft.pk, by=other)
    assert refused.value.code == "authors_alone"
    version_sign(version_id=draft.pk, by=somebody(other.role))
    assert signatures_of(draft).is_complete


def test_a_draft_is_not_signed_nor_a_published_version(world: World, two: Reviewers) -> None:
    for version in (world.draft(), world.model.versions.get(number=1)):
        with pytest.raises(ConflictError):
            version_sign(version_id=version.pk, by=two.sales)


def test_nobody_signs_what_they_have_not_read(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    with pytest.raises(ConflictError) as refused:
        version_sign(version_id=draft.pk, by=two.sales, checksum="sha256:another")
    assert refused.value.code == "edited_meanwhile"


def test_any_edit_clears_the_signatures_and_says_so_in_the_log(world: World, two: Reviewers) -> None:
    draft = two.sign(world.draft())
    edit_points(draft, two.sales)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert not SignOff.objects.exists()
    entry = AuditEntry.objects.get(action="version.signatures_clear")
    assert (entry.actor, entry.details) == (two.sales, {"sides": ["marketing", "sales"]})
    with pytest.raises(NotAllowedError):
        version_publish(version_id=draft.pk, by=two.sales)


def test_an_edit_of_an_unsigned_draft_writes_nothing_of_signatures(world: World, two: Reviewers) -> None:
    edit_points(world.draft(), two.sales)
    assert not AuditEntry.objects.filter(action="version.signatures_clear").exists()


def test_a_signature_is_taken_back_by_who_gave_it_alone(world: World, two: Reviewers) -> None:
    draft = two.sign(world.draft())
    with pytest.raises(ConflictError):
        signature_withdraw(version_id=draft.pk, by=world.admin)
    signature_withdraw(version_id=draft.pk, by=two.sales)
    assert [each.side for each in signatures_of(draft).given] == ["marketing"]
    assert AuditEntry.objects.get(action="version.unsign").actor == two.sales
    version_sign(version_id=draft.pk, by=two.sales)


def test_a_young_version_and_a_big_flip_are_told_where_another_judges(world: World) -> None:
    flipped = changed(points={"exec-title": 40, "germany": 30})
    assert {"L15", "L16"} <= {each.code for each in findings_of(world.draft(flipped))}
    assert not {"L15", "L16"} & {each.code for each in findings_of(world.model.versions.get(number=1))}
