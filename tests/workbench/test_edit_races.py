"""Two at one draft at once, each with a connection of their own: nothing is overwritten, and what is published stays."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from accounts.models import Role, User
from kernel.errors import ConflictError, LeadscoreError
from scoring.models import MatrixVersion, VersionEdit
from scoring.services.matrices import Edit, version_edit
from scoring.services.publication import version_publish
from scoring.services.undoing import version_undo
from tests.scoring.world import World

PATH = "/criteria/demo/points"


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """What each deed answered or was refused with, all let go at a barrier."""
    barrier, answers = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(number: int, deed: Callable[[], object]) -> None:
        try:
            barrier.wait(60)
            answers[number] = deed()
        except LeadscoreError as refused:
            answers[number] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    return answers


def edit(draft: MatrixVersion, by: User, before: object, after: object) -> Callable[[], object]:
    return lambda: version_edit(version=draft, edits=[Edit(path=PATH, before=before, after=after)], by=by)


def points(draft: MatrixVersion) -> object:
    draft.refresh_from_db()
    return next(each["points"] for each in draft.document["criteria"] if each["key"] == "demo")


@pytest.mark.parametrize("turn", range(5))
def test_of_two_who_change_one_value_at_once_the_second_is_told(shared_world: World, turn: int) -> None:
    draft = shared_world.draft()
    other = User.objects.create_user(f"other{turn}@ours.example", None, name="Otto", role=Role.MARKETER)
    answers = at_once(edit(draft, shared_world.admin, 15, 18), edit(draft, other, 15, 12))
    [refused] = [each for each in answers if isinstance(each, ConflictError)]
    [row] = VersionEdit.objects.filter(version=draft)
    assert (refused.code, refused.extra["found"]) == ("edit_conflict", row.after)
    assert refused.extra["who"] == row.edited_by.name
    assert points(draft) == row.after


def test_two_windows_of_one_person_take_an_edit_back_once(shared_world: World) -> None:
    draft, by = shared_world.draft(), shared_world.admin
    for before, after in ((15, 16), (16, 17)):
        edit(draft, by, before, after)()
    at_once(*[lambda: version_undo(version=draft, by=by)] * 3)
    assert points(draft) == 15
    assert VersionEdit.objects.filter(version=draft, undoes__isnull=False).count() == 2


def test_an_edit_waits_for_a_publication_and_is_refused(shared_world: World) -> None:
    draft, by = shared_world.draft(), shared_world.admin
    answers: list[object] = []

    def late() -> None:
        try:
            edit(draft, by, 15, 18)()
        except ConflictError as refused:
            answers.append(refused.code)
        finally:
            connection.close()

    with transaction.atomic():
        version_publish(version_id=draft.pk, by=by, reason="Agreed.")
        waiting = threading.Thread(target=late)
        waiting.start()
        waiting.join(1)
        assert answers == []
    waiting.join(120)
    assert answers == ["version_immutable"]
    assert points(draft) == 15
