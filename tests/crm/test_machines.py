"""Bursts are marked whatever order they arrive in, and a person's word stands."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, Role
from crm.models import Activity, Cause, FactChange, Lead, Work
from crm.services.activities import activities_record
from crm.services.machines import activities_exclude, activities_include, machines_look_again, machines_mark

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 3, 9, 0, 1, tzinfo=UTC)


def deed(number, seconds, *, who="ann", mail="March", kind="email_click", **sent):
    return {
        "message_id": f"m{number}",
        "kind": kind,
        "occurred_at": (START + timedelta(seconds=seconds)).isoformat(),
        "url": f"https://ours.example/{number}",
        "subject": mail,
        "lead": {"email": f"{who}@acme.example"},
        **sent,
    }


def send(*items, feed="mail"):
    results = activities_record(feed=feed, items=items)
    assert {result.status for result in results} == {"accepted"}


def marks():
    return dict(Activity.objects.filter(is_bot=True).values_list("message_id", "bot_reason"))


def test_a_burst_noticed_late_marks_the_earlier_clicks_with_history_and_work():
    send(deed(1, 0), deed(2, 1))
    send(deed(3, 2), feed="other")
    assert marks() == {}
    Work.objects.all().delete()

    send(deed(4, 3))

    assert marks() == dict.fromkeys(["m1", "m2", "m3", "m4"], "click_burst")
    # The fourth was a machine's from the first moment we knew it.
    assert FactChange.objects.filter(subject_type="activity", field="is_bot", after=True).count() == 3
    assert set(Work.objects.values_list("cause", flat=True)) == {Cause.ACTIVITY_MARKED, Cause.ACTIVITY}


@pytest.mark.parametrize(
    "items",
    [
        [deed(1, 0), deed(2, 1), deed(3, 2), deed(4, 3, mail="April")],
        [deed(1, 0), deed(2, 1), deed(3, 2), deed(4, 3, who="bob")],
        [deed(1, 0), deed(2, 1), deed(3, 2), {**deed(4, 3), "url": "https://ours.example/1"}],
        [deed(1, 0), deed(2, 1), deed(3, 2), deed(4, 11)],
        # A file that knows only the day, or the minute.
        [deed(number, -1) for number in range(6)],
    ],
    ids=["two mails", "two people", "one link twice", "too slow", "times without seconds"],
)
def test_what_a_person_may_do_is_no_burst(items):
    send(*items)
    assert marks() == {}


def test_what_comes_with_the_delivery_is_a_scanners():
    send(
        deed(1, 1, properties={"delivered_at": START.isoformat()}),
        deed(2, 2, kind="email_open", properties={"delivered_at": START.isoformat()}),
        deed(3, 3, properties={"delivered_at": START.isoformat()}),
        deed(4, 60, properties={"delivered_at": "yesterday"}),
        deed(5, 90, kind="form_submit", properties={"delivered_at": (START + timedelta(seconds=90)).isoformat()}),
    )
    assert marks() == {"m1": "at_delivery", "m2": "at_delivery"}


@pytest.mark.parametrize(
    ("address", "is_marked"),
    [
        ({"ip": "52.1.2.3"}, True),
        ({"context": {"ip": "2600:1f18::7"}}, True),
        ({"ip": "10.0.0.7"}, False),
        ({"ip": 7}, False),
    ],
)
def test_many_leads_from_one_address_at_once_are_a_data_centre(address, is_marked):
    for number in range(10):
        send(deed(number, number, who=f"p{number}", kind="email_open", properties=address))
    assert len(marks()) == (10 if is_marked else 0)
    assert set(marks().values()) <= {"address_burst"}


def test_nine_leads_of_one_office_are_not_and_neither_is_a_form():
    send(
        *[
            deed(number, number % 9, who=f"p{number % 9}", kind="page_view", properties={"ip": "52.1.2.3"})
            for number in range(20)
        ]
    )
    send(*[deed(100 + n, n, who=f"f{n}", kind="form_submit", properties={"ip": "52.1.2.3"}) for n in range(20)])
    assert marks() == {}


def test_the_question_who_else_was_seen_is_answered_by_its_index(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT a.id FROM unnest(ARRAY['1.1.1.1']) AS around(address) JOIN crm_activity a ON "
            "COALESCE((a.properties ->> 'ip'), (a.properties #>> ARRAY['context','ip'])) = around.address "
            "WHERE (a.properties ? 'ip' OR (a.properties -> 'context') ? 'ip')"
        )
        assert "activity_address" in "\n".join(row[0] for row in cursor.fetchall())


def test_what_a_visitor_did_before_they_were_known_makes_a_burst_too():
    for number in range(4):
        item = deed(number, number, visitor="v1")
        del item["lead"]
        send(item)
    assert marks() == {}

    send(deed(9, 600, visitor="v1", kind="form_submit"))

    assert set(marks()) == {"m0", "m1", "m2", "m3"}


def test_looking_again_finds_what_two_batches_did_not_see_of_each_other(frozen_now):
    frozen_now.move_to(START + timedelta(minutes=1))
    send(*[deed(number, number) for number in range(4)])
    # As if the four had come in batches that were under way at once.
    Activity.objects.update(is_bot=False, bot_reason="")

    assert machines_look_again() == 4
    assert machines_look_again() == 0
    Activity.objects.update(is_bot=False, bot_reason="")
    frozen_now.shift(timedelta(hours=1))
    assert machines_look_again() == 0


def test_a_persons_word_stands_and_can_be_taken_back(person):
    marketer = person(Role.MARKETER)
    send(*[deed(number, number) for number in range(4)])
    ids = list(Activity.objects.values_list("pk", flat=True))
    Work.objects.all().delete()

    assert activities_include(activity_ids=ids, by=marketer) == 4
    assert activities_include(activity_ids=ids, by=marketer) == 0
    send(deed(5, 4))
    assert machines_mark(among=Q()) == set()
    assert marks() == {}

    assert activities_exclude(activity_ids=ids[:1], by=marketer) == 1
    assert marks() == {"m0": "by_hand"}
    said = FactChange.objects.filter(changed_by=f"user:{marketer.pk}").order_by("id")
    assert list(said.values_list("before", "after")) == [(True, False)] * 4 + [(False, True)]
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "activity.include",
        "activity.exclude",
    ]
    assert Work.objects.filter(cause=Cause.ACTIVITY_MARKED).count() == 2


ITEMS = [
    *[deed(number, number * 2) for number in range(7)],
    *[deed(10 + number, number, who="bob", properties={"user_agent": "curl/8"} if number == 2 else {}) for number in range(4)],
    *[deed(20 + number, number, who=f"p{number}", kind="email_open", properties={"ip": "52.1.2.3"}) for number in range(11)],
    # Both bursts at once: the mail's is named, whichever is noticed first.
    *[deed(40 + number, number, who="p1", properties={"ip": "52.1.2.3"}) for number in range(4)],
    *[{**deed(50 + number, number), "visitor": "v", "lead": None} for number in range(3)],
    deed(60, 3, who="vic", visitor="v"),
]  # fmt: skip
ITEMS = [{name: value for name, value in item.items() if value is not None} for item in ITEMS]


def marked_after(batches):
    for batch in batches:
        activities_record(feed="mail", items=batch)
    assert Activity.objects.count() == len(ITEMS)
    found = marks()
    Lead.objects.all().delete()
    return found


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(len(ITEMS))), cuts=st.sets(st.integers(1, len(ITEMS) - 1), max_size=8))
def test_any_order_and_batching_ends_in_the_same_marks(order, cuts):
    edges = [0, *sorted(cuts), len(ITEMS)]
    sent = [ITEMS[index] for index in order]

    found = marked_after([sent[start:end] for start, end in pairwise(edges)])

    assert found == marked_after([ITEMS])
    assert len(found) == 7 + 4 + 11 + 4 + 4
    assert set(found.values()) == {"user_agent", "click_burst", "address_burst"}
