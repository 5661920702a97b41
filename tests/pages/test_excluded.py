"""What was excluded as a machine's: groups, who may take it back, and both ways in one click."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from crm.models import Activity, Lead
from tests.conftest import NOW
from tests.crm.test_machines import START, deed, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_now")]
PAGE = "/leads/excluded/"


@pytest.fixture
def bursts(db):
    """Two bursts of one lead, a robot's visit and a data centre's."""
    send(*[deed(number, number) for number in range(4)])
    send(*[deed(10 + number, number, mail="April") for number in range(5)])
    send(deed(20, 100, kind="page_view", properties={"user_agent": "curl/8"}))
    send(*[deed(30 + n, n, who=f"p{n}", kind="email_open", properties={"ip": "52.1.2.3"}) for n in range(10)])


def groups(response):
    return [(row["bot_reason"], row["count"], row["leads"]) for row in response.context["rows"]]


def test_what_was_done_at_once_stands_together_with_why(bursts, signed_in):
    page = signed_in(Role.MARKETER).get(PAGE)
    assert groups(page) == [
        ("address_burst", 10, 10),
        ("user_agent", 1, 1),
        ("click_burst", 5, 1),
        ("click_burst", 4, 1),
    ]
    text = page.content.decode()
    for shown in ("ann@acme.example", "Four or more links", "April", "52.1.2.3", "This was a person", "10 leads"):
        assert shown in text


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("reason=click_burst", 2),
        ("reason=at_delivery", 0),
        ("reason=nonsense", 4),
        ("days=7", 4),
        ("days=x", 4),
        ("cursor=x", 4),
    ],
)
def test_groups_are_filtered(bursts, signed_in, asked, count):
    assert len(groups(signed_in(Role.MARKETER).get(f"{PAGE}?{asked}"))) == count


def test_days_leave_out_what_is_older(bursts, signed_in, frozen_now):
    frozen_now.move_to(START + timedelta(days=20))
    browser = signed_in(Role.MARKETER)
    assert groups(browser.get(f"{PAGE}?days=7")) == []
    assert len(groups(browser.get(f"{PAGE}?days=0"))) == 4


def test_a_whole_group_is_given_back_and_one_of_it_excluded_again(bursts, signed_in):
    browser = signed_in(Role.MARKETER)
    row = browser.get(PAGE).context["rows"][2]
    assert browser.post(f"{PAGE}mark/", {"says": "person", **row["key"]}).status_code == 302
    given = Activity.objects.filter(bot_reason="person", is_bot=False)
    assert set(given.values_list("subject", flat=True)) == {"April"}
    assert len(groups(browser.get(PAGE))) == 3

    one = given.first()
    assert "Exclude again" in browser.get(f"{PAGE}?given=1").content.decode()
    browser.post(f"{PAGE}mark/", {"says": "machine", "activity": one.pk})
    one.refresh_from_db()
    assert (one.is_bot, one.bot_reason) == (True, "by_hand")
    assert groups(browser.get(PAGE))[0][0] in {"by_hand", "address_burst"}


def test_each_of_a_group_is_shown_and_one_given_back(bursts, signed_in):
    browser = signed_in(Role.ADMINISTRATOR)
    for row in browser.get(PAGE).context["rows"]:
        assert browser.get(f"{PAGE}group/?{row['query']}").context["count"] == row["count"]
    row = browser.get(PAGE).context["rows"][0]
    activity = browser.get(f"{PAGE}group/?{row['query']}").context["rows"][0]
    browser.post(f"{PAGE}mark/", {"says": "person", "activity": activity.pk})
    assert groups(browser.get(PAGE))[0] == ("address_burst", 9, 9)


@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.AUDITOR])
def test_who_sees_the_lead_may_look_and_only_who_marks_may_change(bursts, signed_in, role):
    browser = signed_in(role)
    Lead.objects.filter(email="ann@acme.example").update(owner=browser.user)
    page = browser.get(PAGE)
    text = page.content.decode()
    assert "This was a person" not in text
    assert len(groups(page)) == (4 if role == Role.AUDITOR else 3)
    assert ("ann@acme.example" in text) is (role != Role.AUDITOR)
    assert ("52.1.2.3" in text) is False
    row = page.context["rows"][-1]
    refused = browser.post(f"{PAGE}mark/", {"says": "person", **row["key"]})
    assert refused.status_code == (404 if role == Role.AUDITOR else 403)
    assert not Activity.objects.filter(bot_reason="person").exists()


def test_what_is_out_of_reach_is_not_shown(bursts, signed_in):
    browser = signed_in(Role.REP)
    row = signed_in(Role.MARKETER).get(PAGE).context["rows"][0]
    assert groups(browser.get(PAGE)) == []
    assert browser.get(f"{PAGE}group/?{row['query']}").status_code == 404


@pytest.mark.parametrize(
    "sent", [{}, {"says": "person"}, {"says": "maybe", "activity": 1}, {"says": "person", "activity": 99999}]
)
def test_what_names_nothing_is_not_found(bursts, signed_in, sent):
    assert signed_in(Role.MARKETER).post(f"{PAGE}mark/", sent).status_code == 404


def test_pages_follow_each_other_and_cost_the_same(signed_in):
    browser = signed_in(Role.MARKETER)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(PAGE).status_code == 200
        return len(queries)

    robot = {"kind": "page_view", "properties": {"user_agent": "curl/8"}}
    send(*[deed(number, number, who=f"p{number}", **robot) for number in range(2)])
    few = asked()
    send(*[deed(number, number, who=f"p{number}", **robot) for number in range(2, 30)])
    assert asked() == few
    first = browser.get(PAGE)
    second = browser.get(PAGE + first.context["next_url"])
    assert [len(groups(page)) for page in (first, second)] == [25, 5]
    assert NOW > START


def test_the_score_follows_what_a_person_says(world, signed_in):
    lead = world.lead(email="ann@acme.example")
    item = deed(1, 0, kind="page_view", properties={"user_agent": "curl/8"})
    send({**item, "url": "/pricing", "lead": {"id": lead.pk}})
    activity = Activity.objects.get()
    assert world.total(lead) == 0

    browser = signed_in(Role.MARKETER)
    browser.post(f"{PAGE}mark/", {"says": "person", "activity": activity.pk})
    assert world.total(lead) == 10
    browser.post(f"{PAGE}mark/", {"says": "machine", "activity": activity.pk})
    assert world.total(lead) == 0
    assert not world.differences()


def test_the_timeline_says_why_something_does_not_count(bursts, signed_in):
    lead = Activity.objects.filter(bot_reason="user_agent").get().lead
    text = signed_in(Role.MARKETER).get(f"/leads/{lead.pk}/timeline/").content.decode()
    assert "its browser says that it is a robot or a mail scanner" in text
    assert "four or more links of one mail within ten seconds" in text
