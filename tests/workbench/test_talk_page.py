"""The tab of comments: two people, names for tokens, hostile text, a flat number of queries."""

import pytest
from django.test import Client

from accounts.models import Notification, Role, User
from scoring.models import Comment, MatrixVersion
from scoring.services.commenting import comment_add, thread_settle
from scoring.workbench_shown.comments import open_comments, pieces_of, typed, with_ids
from tests.scoring.conftest import world as world
from tests.scoring.world import World
from tests.workbench.reviewed import somebody

HOSTILE = '<script>alert(1)</script> javascript:alert(1) https://evil.example/"onmouseover=alert(1) <b>&amp;'


@pytest.fixture
def mara(db: None) -> User:
    return somebody(Role.MARKETER, "Mara Lind")


@pytest.fixture
def sam(db: None) -> User:
    return somebody(Role.SALES_MANAGER, "Sam Okafor")


@pytest.fixture
def draft(world: World) -> MatrixVersion:
    return world.draft()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def say(client: Client, draft: MatrixVersion, text: str, **more: object):
    asked = {"criterion": "demo", "text": text, **more}
    return client.post(f"/admin/workbench/{draft.pk}/comments/add/", asked, headers={"HX-Request": "true"})


def test_a_typed_name_becomes_a_mention_that_the_other_is_told_of_and_reads_as_a_name(
    draft: MatrixVersion, mara: User, sam: User
) -> None:
    answer = say(signed_in(mara), draft, "@sam okafor, is this too much?")
    assert answer.status_code == 200
    assert answer["HX-Trigger"] == "comment:said"
    comment = Comment.objects.get()
    assert comment.text == f"@{{{sam.pk}}}, is this too much?"
    assert Notification.objects.filter(user=sam, kind="comment_mention").count() == 1
    sam.name = "Samuel Okafor"
    sam.save()
    page = signed_in(sam).get(f"/admin/workbench/{draft.pk}/comments/").content.decode()
    assert "@Samuel Okafor</span>, is this too much?" in page
    say(signed_in(sam), draft, "No.")
    assert Notification.objects.filter(user=mara, kind="comment_reply").count() == 1
    assert open_comments(draft) == {"demo": 2}


def test_a_mention_of_somebody_without_the_right_is_refused_with_a_sentence(draft: MatrixVersion, mara: User) -> None:
    somebody(Role.REP, "Rita Reyes")
    answer = say(signed_in(mara), draft, "Ask @Rita Reyes")
    assert answer.status_code == 422
    assert "Rita Reyes may not open matrices" in answer.content.decode()
    assert not Comment.objects.exists()


def test_of_people_called_alike_the_chosen_one_is_meant_and_longer_names_go_first(db: None) -> None:
    first, second = somebody(Role.MARKETER, "Ann"), somebody(Role.MARKETER, "Ann")
    longer = somebody(Role.MARKETER, "Ann Lee")
    people = [first, second, longer]
    assert with_ids("@Ann Lee and @Ann, not @Anna or mail@Ann", people, [second.pk]) == (
        f"@{{{longer.pk}}} and @{{{second.pk}}}, not @Anna or mail@Ann"
    )
    assert typed(f"@{{{longer.pk}}} @{{999}}", {longer.pk: "Ann Lee"}) == "@Ann Lee @?"


def test_links_are_of_the_web_and_nothing_else_is_one() -> None:
    text = "See https://ours.example/a(b). javascript:alert(1) data:text/html,x ftp://x http://b.example"
    assert [(one.kind, one.text) for one in pieces_of(text, {}) if one.kind != "text"] == [
        ("link", "https://ours.example/a(b"),
        ("link", "http://b.example"),
    ]
    assert "".join(one.text for one in pieces_of(text, {})) == text


def test_hostile_text_and_names_are_escaped(draft: MatrixVersion, mara: User) -> None:
    mara.name = '"><img src=x onerror=alert(1)>'
    mara.save()
    say(signed_in(mara), draft, HOSTILE)
    say(signed_in(mara), draft, f"@{{{mara.pk}}}", criterion="")
    page = signed_in(mara).get(f"/admin/workbench/{draft.pk}/comments/").content.decode()
    assert "<script>" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_own_comments_are_changed_and_deleted_others_are_not(draft: MatrixVersion, mara: User, sam: User) -> None:
    say(signed_in(mara), draft, "First")
    comment = Comment.objects.get()
    assert say(signed_in(sam), draft, "Mine", comment=comment.pk).status_code == 403
    assert say(signed_in(mara), draft, "Second", comment=comment.pk).status_code == 200
    comment.refresh_from_db()
    assert comment.text == "Second"
    gone = f"/admin/workbench/{draft.pk}/comments/delete/"
    assert signed_in(sam).post(gone, {"comment": comment.pk}).status_code == 403
    assert signed_in(mara).post(gone, {"comment": comment.pk}).status_code == 200
    assert not Comment.objects.exists()


def test_a_settled_thread_is_counted_no_more_until_somebody_goes_on(
    draft: MatrixVersion, mara: User, sam: User
) -> None:
    comment_add(version_id=draft.pk, criterion="demo", text="Hm", by=mara)
    address = f"/admin/workbench/{draft.pk}/comments/settle/"
    page = signed_in(sam).post(address, {"criterion": "demo"}).content.decode()
    assert "settled by Sam Okafor" in page
    assert open_comments(draft) == {}
    signed_in(sam).post(address, {"criterion": "demo", "reopen": "1"})
    assert open_comments(draft) == {"demo": 1}
    thread_settle(version_id=draft.pk, criterion="demo", by=mara)
    comment_add(version_id=draft.pk, criterion="demo", text="But", by=mara)
    assert open_comments(draft) == {"demo": 2}


def test_an_auditor_reads_what_is_said_and_has_no_box_to_write_in(draft: MatrixVersion, mara: User) -> None:
    comment_add(version_id=draft.pk, criterion="demo", text="Between us", by=mara)
    page = signed_in(somebody(Role.AUDITOR)).get(f"/admin/workbench/{draft.pk}/comments/").content.decode()
    assert "Between us" in page
    assert "comment-form" not in page
    assert "Settle" not in page


def test_what_is_said_costs_as_many_queries_for_one_comment_as_for_forty(
    draft: MatrixVersion, mara: User, sam: User, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    client = signed_in(mara)
    address = f"/admin/workbench/{draft.pk}/comments/"
    comment_add(version_id=draft.pk, criterion="demo", text=f"@{{{sam.pk}}}", by=mara)
    with django_assert_max_num_queries(20) as few:
        client.get(address)
    for number in range(40):
        criterion = ("demo", "germany", "")[number % 3]
        comment_add(
            version_id=draft.pk, criterion=criterion, text=f"@{{{sam.pk}}} {number}", by=(mara, sam)[number % 2]
        )
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(address)
