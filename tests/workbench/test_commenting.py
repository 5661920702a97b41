"""People talk about a version: threads, mentions, whoever is told, and what is refused."""

from collections.abc import Callable

import pytest

from accounts.models import AuditEntry, Notification, Role, User
from accounts.notifications import wording
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import Comment, MatrixVersion
from scoring.services.commenting import (
    comment_add,
    comment_delete,
    comment_edit,
    people_to_mention,
    thread_reopen,
    thread_settle,
)
from tests.scoring.conftest import world as world
from tests.scoring.world import World
from tests.workbench.reviewed import somebody


@pytest.fixture
def mara(db: None) -> User:
    return somebody(Role.MARKETER, "Mara")


@pytest.fixture
def sam(db: None) -> User:
    return somebody(Role.SALES_MANAGER, "Sam")


@pytest.fixture
def draft(world: World) -> MatrixVersion:
    return world.draft()


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("user__name", flat=True))


def say(draft: MatrixVersion, by: User, text: str = "Too much?", criterion: str = "demo") -> Comment:
    return comment_add(version_id=draft.pk, criterion=criterion, text=text, by=by)


def test_two_people_talk_and_each_is_told_of_the_other(draft: MatrixVersion, mara: User, sam: User) -> None:
    say(draft, mara)
    assert told("comment_reply") == {"Ada"}
    Notification.objects.all().delete()
    say(draft, sam, "No: they asked for it.")
    assert told("comment_reply") == {"Ada", "Mara"}
    assert list(Comment.objects.values_list("author__name", "text")) == [
        ("Mara", "Too much?"),
        ("Sam", "No: they asked for it."),
    ]
    row = Notification.objects.filter(user=mara).get()
    assert row.url == f"/admin/workbench/{draft.pk}/?tab=comments&thread=demo"
    assert wording(row.kind, row.params) == "Sam wrote about “Asked for a demo” of Test model v2."


def test_who_is_mentioned_is_told_once_and_by_that(draft: MatrixVersion, mara: User, sam: User) -> None:
    say(draft, sam)
    Notification.objects.all().delete()
    say(draft, mara, f"What do you think, @{{{sam.pk}}}? And again @{{{sam.pk}}}, and me @{{{mara.pk}}}.", "demo")
    assert told("comment_mention") == {"Sam"}
    assert told("comment_reply") == {"Ada"}
    row = Notification.objects.get(kind="comment_mention")
    assert wording(row.kind, row.params) == "Mara mentioned you at “Asked for a demo” of Test model v2."
    say(draft, mara, f"@{{{sam.pk}}}", "")
    row = Notification.objects.filter(kind="comment_mention").first()
    assert row is not None
    assert wording(row.kind, row.params) == "Mara mentioned you in the talk about Test model v2."


def test_who_may_not_read_matrices_is_not_mentioned_and_nothing_is_said(
    draft: MatrixVersion, mara: User, sam: User
) -> None:
    rep = somebody(Role.REP, "Rita")
    gone = somebody(Role.MARKETER, "Gustav")
    gone.is_active = False
    gone.save()
    for mention, code in ((rep.pk, "may_not_read"), (gone.pk, "may_not_read"), (10**17, "no_such_person")):
        with pytest.raises(InvalidError) as refused:
            say(draft, mara, f"See @{{{mention}}} and @{{{sam.pk}}}")
        assert refused.value.code == code
    assert not Comment.objects.exists()
    assert not Notification.objects.exists()
    assert {mara, sam} <= set(people_to_mention())
    assert not {rep, gone} & set(people_to_mention())
    assert somebody(Role.AUDITOR) in people_to_mention()


def test_a_rep_who_once_wrote_is_told_no_more(draft: MatrixVersion, mara: User, sam: User) -> None:
    say(draft, sam)
    sam.role = Role.REP
    sam.save()
    say(draft, mara)
    assert "Sam" not in told("comment_reply")


def test_ones_own_comment_is_changed_and_only_new_mentions_are_told(
    draft: MatrixVersion, mara: User, sam: User
) -> None:
    otto = somebody(Role.AUDITOR, "Otto")
    comment = say(draft, mara, f"@{{{sam.pk}}} look")
    comment_edit(comment_id=comment.pk, text=f"@{{{sam.pk}}} and @{{{otto.pk}}} look", by=mara)
    comment.refresh_from_db()
    assert comment.edited_at is not None
    assert Notification.objects.filter(kind="comment_mention", user=sam).count() == 1
    assert Notification.objects.filter(kind="comment_mention", user=otto).count() == 1
    for change in (
        lambda: comment_edit(comment_id=comment.pk, text="Mine now", by=sam),
        lambda: comment_delete(comment_id=comment.pk, by=sam),
    ):
        with pytest.raises(NotAllowedError):
            change()
    comment_delete(comment_id=comment.pk, by=mara)
    with pytest.raises(ConflictError):
        comment_delete(comment_id=comment.pk, by=mara)
    assert not Comment.objects.exists()


def test_a_thread_is_settled_and_opened_again_by_a_button_or_by_talk(
    draft: MatrixVersion, mara: User, sam: User
) -> None:
    say(draft, mara)
    thread_settle(version_id=draft.pk, criterion="demo", by=sam)
    assert Comment.objects.get().settled_by == sam
    with pytest.raises(ConflictError):
        thread_settle(version_id=draft.pk, criterion="demo", by=mara)
    thread_reopen(version_id=draft.pk, criterion="demo", by=mara)
    with pytest.raises(ConflictError):
        thread_reopen(version_id=draft.pk, criterion="demo", by=mara)
    thread_settle(version_id=draft.pk, criterion="demo", by=sam)
    say(draft, mara, "But no.")
    last = Comment.objects.order_by("pk").last()
    assert last is not None
    assert last.settled_at is None
    with pytest.raises(ConflictError):
        thread_settle(version_id=draft.pk, criterion="germany", by=mara)


@pytest.mark.parametrize(
    ("text", "criterion", "code"),
    [(" \n ", "demo", "empty"), ("x" * 5_001, "demo", "too_long"), ("Hm", "never-was", "no_such_criterion")],
)
def test_what_says_nothing_or_speaks_of_nothing_is_refused(
    draft: MatrixVersion, mara: User, text: str, criterion: str, code: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        say(draft, mara, text, criterion)
    assert refused.value.code == code


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REP])
def test_who_may_not_edit_drafts_takes_no_part(draft: MatrixVersion, mara: User, role: Role) -> None:
    other = somebody(role)
    say(draft, mara)
    verbs: list[Callable[[], object]] = [
        lambda: say(draft, other),
        lambda: thread_settle(version_id=draft.pk, criterion="demo", by=other),
        lambda: thread_reopen(version_id=draft.pk, criterion="demo", by=other),
    ]
    for verb in verbs:
        with pytest.raises(NotAllowedError):
            verb()


def test_whoever_has_the_version_open_learns_of_it_and_the_audit_log_keeps_no_words(
    draft: MatrixVersion, mara: User
) -> None:
    before = draft.revision
    say(draft, mara, "Between us: too generous.")
    draft.refresh_from_db()
    assert draft.revision == before + 1
    entry = AuditEntry.objects.get(action="version.comment")
    assert "generous" not in str(entry.details)
