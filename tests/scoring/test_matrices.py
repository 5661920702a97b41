"""Drafts: made whole or not at all, edited place by place, and nobody's edit is overwritten."""

from decimal import Decimal

import pytest

from accounts.models import AuditEntry
from kernel.errors import ConflictError, InvalidError
from scoring.engine import checksum
from scoring.loader import compiled_version
from scoring.models import MatrixVersion, VersionEdit
from scoring.services.matrices import Edit, model_create, version_create, version_edit
from tests.scoring.world import MATRIX, World, changed


def test_versions_of_a_model_are_numbered_from_one(world: World) -> None:
    assert [world.draft().number, world.draft().number] == [2, 3]
    other = model_create(slug="other", name="Other", by=world.admin)
    assert world.draft(model=other).number == 1


def test_a_model_key_is_taken_once(world: World) -> None:
    with pytest.raises(ConflictError, match="already"):
        model_create(slug=world.model.slug, name="Again", by=world.admin)


def test_an_invalid_document_is_refused_with_every_problem_and_its_place(world: World) -> None:
    with pytest.raises(InvalidError) as refused:
        version_create(model=world.model, document={**MATRIX, "grades": {"A": "x"}, "colour": "red"}, by=world.admin)
    assert refused.value.code == "invalid_matrix"
    assert {problem.pointer for problem in refused.value.problems} == {"/grades/A", "/colour"}


def test_a_document_comes_back_from_the_database_as_it_was_sent(world: World) -> None:
    condition = {"field": "lead.attributes.share", "op": "gt", "value": Decimal("0.12345678901234567890123")}
    criteria = [*MATRIX["criteria"], {"key": "x", "label": "X", "dimension": "fit", "points": 1, "if": condition}]
    document = {**MATRIX, "criteria": criteria}
    version = version_create(model=world.model, document=document, by=world.admin)
    stored = MatrixVersion.objects.get(pk=version.pk)
    assert stored.checksum == checksum(document) == checksum(stored.document)
    assert compiled_version(version_id=stored.pk, checksum=stored.checksum).checksum == stored.checksum


def test_an_edit_is_noted_with_its_place_by_key_and_both_values(world: World) -> None:
    draft = world.draft()
    place = MATRIX["criteria"].index(next(each for each in MATRIX["criteria"] if each["key"] == "demo"))
    edited = version_edit(
        version=draft, edits=[Edit(path=f"/criteria/{place}/points", before=15, after=18)], by=world.admin
    )
    assert (edited.revision, edited.checksum) == (2, checksum(edited.document))
    row = VersionEdit.objects.get(version=draft)
    assert (row.path, row.before, row.after, row.edited_by_id) == ("/criteria/demo/points", 15, 18, world.admin.pk)
    assert AuditEntry.objects.filter(action="version.edit", subject_id=draft.pk).exists()


def test_the_second_of_two_who_change_one_value_is_told_what_stands_there(world: World) -> None:
    draft = world.draft()
    path = "/criteria/demo/points"
    version_edit(version=draft, edits=[Edit(path=path, before=15, after=18)], by=world.admin)
    with pytest.raises(ConflictError) as refused:
        version_edit(version=draft, edits=[Edit(path=path, before=15, after=12)], by=world.admin)
    assert refused.value.code == "edit_conflict"
    [first] = VersionEdit.objects.filter(version=draft)
    assert refused.value.extra == {
        "path": path,
        "before": 15,
        "after": 12,
        "found": 18,
        "who": "Ada",
        "at": first.edited_at.isoformat(),
    }


def test_all_edits_of_a_call_hold_or_none(world: World) -> None:
    draft = world.draft()
    edits = [Edit(path="/criteria/demo/points", before=15, after=18), Edit(path="/name", before="Else", after="New")]
    with pytest.raises(ConflictError):
        version_edit(version=draft, edits=edits, by=world.admin)
    draft.refresh_from_db()
    assert draft.document["criteria"][5]["points"] == 15
    assert not VersionEdit.objects.exists()


def test_an_edit_that_would_break_the_matrix_is_refused(world: World) -> None:
    draft = world.draft()
    with pytest.raises(InvalidError) as refused:
        version_edit(version=draft, edits=[Edit(path="/stages/mql/at", before=40, after=99)], by=world.admin)
    assert refused.value.problems
    draft.refresh_from_db()
    assert draft.revision == 1


def test_parts_are_added_and_removed_by_naming_nothing(world: World) -> None:
    draft = world.draft()
    new = {
        "key": "poland",
        "label": "From Poland",
        "dimension": "fit",
        "points": 3,
        "if": {"field": "lead.country", "op": "is", "value": "PL"},
    }
    edits = [
        Edit(path="/criteria/-", after=new),
        Edit(path="/criteria/poland/max_points", after=3),
        Edit(path="/criteria/germany", before=MATRIX["criteria"][1]),
        Edit(path="/description", after="Who buys."),
    ]
    edited = version_edit(version=draft, edits=edits, by=world.admin)
    keys = [each["key"] for each in edited.document["criteria"]]
    assert keys[-1] == "poland"
    assert "germany" not in keys
    assert edited.document["criteria"][-1]["max_points"] == 3
    assert VersionEdit.objects.order_by("pk")[0].path == "/criteria/poland"


@pytest.mark.parametrize("path", ["/criteria/99/points", "/criteria/nobody/points", "/nothing/here", "name", "/name/0"])
def test_a_place_that_is_not_there_is_said_to_be_gone(world: World, path: str) -> None:
    with pytest.raises(ConflictError) as refused:
        version_edit(version=world.draft(), edits=[Edit(path=path, before=1, after=2)], by=world.admin)
    assert refused.value.code == "no_such_place"


def test_a_stale_revision_and_a_published_version_are_refused(world: World) -> None:
    draft = world.draft()
    with pytest.raises(ConflictError) as refused:
        version_edit(version=draft, edits=[], by=world.admin, expected_revision=7)
    assert refused.value.extra == {"revision": 1}
    with pytest.raises(ConflictError) as refused:
        version_edit(version=world.model.versions.get(number=1), edits=[], by=world.admin)
    assert refused.value.extra == {"state": "published"}


def test_an_edit_takes_a_version_out_of_review(world: World) -> None:
    draft = world.draft(changed(points={"demo": 16}))
    MatrixVersion.objects.filter(pk=draft.pk).update(state="in_review")
    assert (
        version_edit(version=draft, edits=[Edit(path="/name", before="Test model", after="X")], by=world.admin).state
        == "draft"
    )


def test_true_is_not_one_to_an_edit(world: World) -> None:
    draft = world.draft()
    with pytest.raises(ConflictError):
        version_edit(version=draft, edits=[Edit(path="/schema", before=True, after=1)], by=world.admin)
