"""How the page changes a draft: all edits or none, refused with a sentence, undone one's own, and told to the others."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import AuditEntry, Role, User
from kernel.errors import ConflictError
from scoring.models import MatrixVersion, Presence, VersionEdit
from scoring.services.matrices import Edit, version_edit
from scoring.services.undoing import done_by, version_redo, version_undo
from tests.scoring.world import MATRIX, World, changed
from tests.workbench.conftest import Sending, points, signed_in

HOSTILE = "<script>alert('x')</script>"


def at(version: MatrixVersion, key: str, name: str = "points") -> Any:
    version.refresh_from_db()
    return next((each.get(name) for each in version.document["criteria"] if each["key"] == key), None)


def poll(user: User, version: MatrixVersion, tag: str = "", **asked: object) -> Any:
    address = reverse("workbench-poll", args=[version.pk])
    return signed_in(user).get(address, asked, headers={"If-None-Match": tag} if tag else {})


def test_an_edit_answers_the_draft_as_it_is_then(marketer: User, draft: MatrixVersion, send: Sending) -> None:
    answer = send(marketer, draft, points("demo", 15, 18)).json()
    assert at(draft, "demo") == 18
    assert (answer["revision"], answer["document"]) == (draft.revision, draft.document)
    assert (answer["canUndo"], answer["canRedo"], answer["paths"]) == (True, False, ["/criteria/demo/points"])


def test_the_second_of_two_sees_both_values_and_whose_it_is(
    marketer: User, manager: User, draft: MatrixVersion, send: Sending
) -> None:
    send(marketer, draft, points("demo", 15, 18))
    answer = send(manager, draft, points("demo", 15, 12))
    assert answer.status_code == 409
    told = answer.json()
    assert (told["code"], told["found"], told["before"], told["after"]) == ("edit_conflict", 18, 15, 12)
    assert told["who"] == str(marketer)
    assert told["at"]
    assert told["where"] == "Asked for a demo: points"
    assert at(draft, "demo") == 18


@pytest.mark.parametrize(
    ("edit", "status"),
    [
        (points("demo", 15, "many"), 422),
        (points("demo", 15, 1.5), 422),
        (points("demo", 15, 10_001), 422),
        (points("demo", 15, None), 422),
        (points("demo", 15, True), 422),
        (points("demo", 15, "\ud800"), 400),
        (points("demo", "\x00", 3), 400),
        (points("demo", "\ud800", 3), 400),
        (points("nobody", 15, 3), 409),
        ({"path": "/criteria/demo/points/deep/er", "before": None, "after": 3}, 409),
        ({"path": "criteria", "before": None, "after": 3}, 409),
        ({"path": "/\x00", "before": None, "after": None}, 400),
        ({"path": "/a" * 5_000, "before": None, "after": 3}, 400),
        ({"path": 5, "before": None, "after": 3}, 400),
        ({"path": "/name", "surprise": 1}, 400),
        ({"path": "/name", "before": "Test model", "after": "\x00"}, 400),
        ({"path": "/stages", "before": [], "after": []}, 409),
        ({"path": "/stages/warm/at", "before": 20, "after": 45}, 422),
        ({"path": "/hand_off_at", "before": None, "after": "warm"}, 422),
    ],
)
def test_what_is_no_matrix_is_refused_with_a_sentence_and_the_draft_is_unharmed(
    marketer: User, draft: MatrixVersion, send: Sending, edit: dict[str, Any], status: int
) -> None:
    answer = send(marketer, draft, points("germany", 10, 11), edit)
    assert answer.status_code == status, answer.content
    assert answer.json()["detail"]
    document, revision = draft.document, draft.revision
    draft.refresh_from_db()
    assert (draft.document, draft.revision) == (document, revision)
    assert not VersionEdit.objects.filter(version=draft).exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"edits": []}', 400),
        (b'{"edits": [1]}', 400),
        (b'{"edits": [{"path": "/name", "path": "/name"}]}', 400),
        (b'{"edits": [{"path": "/name", "before": NaN}]}', 400),
        (b"\xff\xfe", 400),
        (b'{"edits": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", 400),
        (b'{"edits": [{"path": "/name", "after": "' + b"x" * 3_000_000 + b'"}]}', 400),
        (json.dumps({"edits": [points("demo", 15, 1)] * 601}).encode(), 400),
    ],
)
def test_a_body_that_is_no_list_of_edits_is_refused(
    marketer: User, draft: MatrixVersion, body: bytes, status: int
) -> None:
    address = reverse("workbench-edits", args=[draft.pk])
    answer = signed_in(marketer).post(address, body, content_type="application/json")
    assert answer.status_code == status, answer.content[:300]


def test_a_document_of_ten_thousand_criteria_is_refused(marketer: User, draft: MatrixVersion, send: Sending) -> None:
    many = [{**MATRIX["criteria"][0], "key": f"c{number}"} for number in range(10_000)]
    answer = send(marketer, draft, {"path": "/criteria", "before": draft.document["criteria"], "after": many})
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]
    assert len(answer.content) < 200_000


def test_a_published_version_stays_as_it_is(world: World, marketer: User, send: Sending) -> None:
    published = world.model.versions.get(state="published")
    answer = send(marketer, published, points("demo", 15, 18))
    assert (answer.status_code, answer.json()["code"]) == (409, "version_immutable")


def test_a_browser_that_writes_numbers_its_own_way_meets_no_conflict(
    world: World, marketer: User, send: Sending
) -> None:
    condition = {"field": "company.revenue", "op": "gte", "value": 1.10}
    document = changed()
    document["criteria"][0]["if"] = condition
    draft = world.draft(document)
    # 1.10 is 1.1, names stand in another order.
    before = '{"value": 1.10, "op": "gte", "field": "company.revenue"}'
    after = '{"field": "company.revenue", "op": "gte", "value": 2}'
    body = f'{{"edits": [{{"path": "/criteria/exec-title/if", "before": {before}, "after": {after}}}]}}'
    answer = signed_in(marketer).post(
        reverse("workbench-edits", args=[draft.pk]), body, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content


def test_one_takes_back_ones_own_and_brings_it_again(
    marketer: User, manager: User, draft: MatrixVersion, send: Sending
) -> None:
    send(marketer, draft, points("demo", 15, 18))
    send(marketer, draft, points("demo", 18, 21))
    send(manager, draft, points("germany", 10, 12))
    for expected, way in ((18, "undo"), (15, "undo"), (18, "redo"), (15, "undo"), (18, "redo"), (21, "redo")):
        answer = send(marketer, draft, to=f"workbench-{way}")
        assert answer.status_code == 200, answer.content
        assert answer.json()["paths"] == ["/criteria/demo/points"]
        assert at(draft, "demo") == expected
    assert at(draft, "germany") == 12
    refused = send(marketer, draft, to="workbench-redo")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_redo")
    send(manager, draft, to="workbench-undo")
    refused = send(manager, draft, to="workbench-undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_undo")


def test_a_new_edit_ends_what_could_be_done_again(marketer: User, draft: MatrixVersion, send: Sending) -> None:
    send(marketer, draft, points("demo", 15, 18))
    send(marketer, draft, to="workbench-undo")
    answer = send(marketer, draft, points("germany", 10, 12)).json()
    assert (answer["canUndo"], answer["canRedo"]) == (True, False)
    assert send(marketer, draft, to="workbench-redo").status_code == 409


def test_edits_made_together_go_back_together(marketer: User, draft: MatrixVersion, send: Sending) -> None:
    send(marketer, draft, points("demo", 15, 18), points("germany", 10, 12))
    send(marketer, draft, to="workbench-undo")
    assert (at(draft, "demo"), at(draft, "germany")) == (15, 10)


def test_a_criterion_that_was_taken_out_comes_back_to_its_place(
    marketer: User, draft: MatrixVersion, send: Sending
) -> None:
    gone = [each for each in draft.document["criteria"] if each["key"] in {"germany", "software"}]
    edits = [{"path": f"/criteria/{each['key']}", "before": each, "after": None} for each in gone]
    assert send(marketer, draft, *edits).status_code == 200
    assert at(draft, "germany") is None
    document = MATRIX["criteria"]
    send(marketer, draft, to="workbench-undo")
    draft.refresh_from_db()
    assert draft.document["criteria"] == document


def test_an_undo_meets_what_somebody_did_since_and_lets_one_choose(
    marketer: User, manager: User, draft: MatrixVersion, send: Sending
) -> None:
    send(marketer, draft, points("germany", 10, 11))
    send(marketer, draft, points("demo", 15, 18))
    send(manager, draft, points("demo", 18, 20))
    answer = send(marketer, draft, to="workbench-undo")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "edit_conflict")
    assert (told["found"], told["after"], told["who"]) == (20, 15, str(manager))
    assert at(draft, "demo") == 20
    # Theirs is kept: the edit before is the next to go.
    version_undo(version=draft, by=marketer, over=[told["undoes"]])
    assert (at(draft, "demo"), at(draft, "germany")) == (20, 10)
    # Or mine is taken after all.
    version_undo(version=draft, by=marketer, found={told["path"]: told["found"]})
    assert at(draft, "demo") == 15


def test_an_undo_of_a_version_in_review_clears_what_was_signed(
    marketer: User, draft: MatrixVersion, send: Sending
) -> None:
    send(marketer, draft, points("demo", 15, 18))
    MatrixVersion.objects.filter(pk=draft.pk).update(state=MatrixVersion.State.IN_REVIEW)
    send(marketer, draft, to="workbench-undo")
    draft.refresh_from_db()
    assert draft.state == MatrixVersion.State.DRAFT
    assert AuditEntry.objects.filter(action="version.edit", subject_id=str(draft.pk)).count() == 2


KEYS = ("exec-title", "germany", "software", "demo")


class OwnUndo(TestCase):
    """Whatever two people do, taking back all of one's own leaves what the other set."""

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.booleans(),
                st.sampled_from(["edit", "edit", "undo", "redo"]),
                st.sampled_from(KEYS),
                st.integers(-50, 50),
            ),
            min_size=1,
            max_size=20,
        )
    )
    def test_values_others_set_survive(self, steps: list[tuple[bool, str, str, int]]) -> None:
        world = World()
        draft = world.draft()
        other = User.objects.create_user(f"o{world.model.pk}@ours.example", None, name="O", role=Role.MARKETER)
        people = (world.admin, other)
        for is_other, deed, key, value in steps:
            by = people[is_other]
            if deed == "edit":
                before = at(draft, key)
                version_edit(
                    version=draft, edits=[Edit(path=f"/criteria/{key}/points", before=before, after=value)], by=by
                )
                continue
            try:
                (version_undo if deed == "undo" else version_redo)(version=draft, by=by)
            except ConflictError:
                # Nothing left to take back, or the other one changed it since.
                continue
        last = {key: self._last_by(draft, key) for key in KEYS}
        over: set[int] = set()
        while left := [each for each in done_by(draft, world.admin).to_undo if each not in over]:
            try:
                version_undo(version=draft, by=world.admin, over=over)
            except ConflictError:
                over.add(left[0])
        for key, (who, value) in last.items():
            if who == other.pk:
                assert at(draft, key) == value

    def _last_by(self, draft: MatrixVersion, key: str) -> tuple[int | None, object]:
        row = VersionEdit.objects.filter(version=draft, path=f"/criteria/{key}/points").order_by("-pk").first()
        return (row.edited_by_id, row.after) if row else (None, None)


def test_a_poll_says_nothing_where_nothing_changed(marketer: User, manager: User, draft: MatrixVersion) -> None:
    first = poll(marketer, draft, revision=draft.revision)
    assert first.status_code == 200
    assert "document" not in first.json()
    again = poll(marketer, draft, first["ETag"], revision=draft.revision)
    assert (again.status_code, again.content) == (304, b"")
    poll(manager, draft, place="/criteria/demo/points")
    told = poll(marketer, draft, first["ETag"], revision=draft.revision)
    assert told.json()["here"] == [{"user_id": manager.pk, "name": str(manager), "place": "/criteria/demo/points"}]
    moved = poll(manager, draft, place="/criteria/germany/points")
    assert moved.status_code == 200
    assert poll(marketer, draft, told["ETag"], revision=draft.revision).status_code == 200


def test_a_poll_brings_what_others_did(marketer: User, manager: User, draft: MatrixVersion, send: Sending) -> None:
    tag = poll(marketer, draft, revision=draft.revision)["ETag"]
    send(manager, draft, points("demo", 15, 18))
    told = poll(marketer, draft, tag, revision=draft.revision).json()
    draft.refresh_from_db()
    assert (told["revision"], told["document"]) == (draft.revision, draft.document)
    assert told["edits"] == [{"path": "/criteria/demo/points", "who": str(manager), "by": manager.pk}]


def test_who_is_away_for_ten_seconds_is_gone(
    marketer: User, manager: User, draft: MatrixVersion, frozen_now: Any
) -> None:
    poll(manager, draft)
    assert poll(marketer, draft).json()["here"]
    frozen_now.shift(timedelta(seconds=11))
    assert poll(marketer, draft).json()["here"] == []
    poll(manager, draft)
    poll(manager, draft, left="")
    assert poll(marketer, draft).json()["here"] == []
    assert Presence.objects.filter(user=marketer).count() == 1


def test_a_poll_costs_the_same_however_many_look_and_edited(
    marketer: User, manager: User, person: Any, draft: MatrixVersion, send: Sending
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            poll(marketer, draft, revision=draft.revision)
        return len(seen)

    poll(manager, draft)
    few = cost()
    for number in range(8):
        poll(person(Role.MARKETER), draft)
        send(manager, draft, points("demo", 15 + number, 16 + number))
    draft.refresh_from_db()
    assert cost() == few


def test_what_changes_nothing_leaves_no_trace(marketer: User, draft: MatrixVersion, send: Sending) -> None:
    answer = send(marketer, draft, points("demo", 15, 15))
    assert (answer.status_code, answer.json()["revision"]) == (200, draft.revision)
    assert not VersionEdit.objects.filter(version=draft).exists()


def test_a_value_that_somebody_set_to_the_same_again_is_theirs(
    marketer: User, manager: User, draft: MatrixVersion, send: Sending
) -> None:
    send(marketer, draft, points("demo", 15, 18))
    send(manager, draft, points("demo", 18, 30))
    send(manager, draft, points("demo", 30, 18))
    told = send(marketer, draft, to="workbench-undo")
    assert (told.status_code, told.json()["found"], told.json()["before"]) == (409, 18, 18)
    assert at(draft, "demo") == 18
