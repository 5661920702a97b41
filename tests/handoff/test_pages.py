"""The queue page, its fragment, decisions with and without script, and the panel of the lead page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, Team
from crm.models import Cause, Company
from handoff.models import Handoff, Suppression
from handoff.services import handoff_accept, handoff_reject, handoffs_drain
from scoring.models import ScoreChange
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def rep(person):
    return person(name="Rita Rep")


@pytest.fixture
def at(rep, client):
    client.force_login(rep)
    return client


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def rows(response):
    return [row.lead for row in response.context["page"].rows]


# The page


def test_the_queue_stands_behind_the_sign_in(client):
    response = client.get(reverse("queue"))
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/queue/")


def test_the_best_stands_first_with_what_a_rep_needs(frozen_now, at, rep, scored, opened):
    company = Company.objects.create(name="Acme GmbH", domain="acme.example")
    low = opened(55)
    high = opened(80, first_name="Vera", last_name="Vice", title="VP Sales", company=company)
    fast = opened(51, is_fast_tracked=True)
    response = at.get(reverse("queue"))
    assert rows(response) == [fast.lead, high.lead, low.lead]
    text = response.content.decode()
    for shown in ("Vera Vice", "VP Sales", "Acme GmbH", "A4", "80", "Marketing qualified", "24 h left", "Fast track"):
        assert shown in text


def test_why_is_told_in_one_line_from_the_newest_card(frozen_now, at, opened, version):
    handoff = opened(70)
    line = {"dimension": "behavior", "group": None, "points": 10, "units": 1, "outcome": "met"}
    card = {
        "as_of": "2026-03-01",
        "fast_tracked_by": ["demo"],
        "ledger": [
            {
                **line,
                "criterion": "pricing",
                "contribution": 30,
                "evidence": {
                    "activities": [{"id": "web:1", "age": 0}, {"id": "web:2", "age": 3}, {"id": "web:3", "age": 9}],
                    "fields": [],
                },
            },
            {
                **line,
                "criterion": "vp",
                "contribution": 40,
                "evidence": {"activities": [], "fields": ["lead.seniority"]},
            },
            {
                **line,
                "criterion": "demo",
                "contribution": 5,
                "evidence": {"activities": [{"id": "web:4", "age": 10}], "fields": []},
            },
            {"limit": "group", "name": "website", "dimension": "behavior", "contribution": -5},
        ],
    }
    ScoreChange.objects.create(
        lead=handoff.lead, model=version.model, version=version, cause=Cause.ACTIVITY, card=card, after={"total": 70}
    )
    (row,) = at.get(reverse("queue")).context["page"].rows
    assert row.why == "Asked for a demo 12 days ago; VP; Viewed the pricing page 2× this week"


def test_a_trend_is_drawn_from_the_changes_of_thirty_days(frozen_now, at, opened, version):
    handoff = opened(70)
    for days, total in ((20, 30), (5, 55)):
        ScoreChange.objects.create(
            lead=handoff.lead,
            model=version.model,
            version=version,
            cause=Cause.ACTIVITY,
            after={"total": total},
            changed_at=NOW - timedelta(days=days),
        )
    response = at.get(reverse("queue"))
    (row,) = response.context["page"].rows
    assert row.trend.change == 40
    assert row.trend.points in response.content.decode()
    assert "+40" in response.content.decode()


def test_a_rep_sees_their_own_then_their_teams_unowned_and_never_a_colleagues(at, rep, person, opened):
    mine, unowned, theirs = opened(60, owner=rep), opened(60, unowned=True), opened(60, owner=person())
    assert rows(at.get(reverse("queue"))) == [mine.lead]
    assert rows(at.get(reverse("queue"), {"whose": "unowned"})) == [unowned.lead]
    assert set(rows(at.get(reverse("queue"), {"whose": "all"}))) == {mine.lead, unowned.lead}
    assert theirs.lead not in rows(at.get(reverse("queue"), {"whose": "all"}))


def test_a_manager_begins_with_the_team_and_sees_no_other(at, rep, person, opened):
    mine = opened(60, owner=rep)
    other = person(team=Team.objects.create(name="Other region"))
    opened(60, owner=other)
    response = signed_in(person(Role.SALES_MANAGER)).get(reverse("queue"))
    assert rows(response) == [mine.lead]
    assert "Rita Rep" in response.content.decode()


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ADMINISTRATOR])
def test_marketing_and_administrators_look_but_decide_nothing(role, rep, person, opened):
    opened(60, owner=rep)
    response = signed_in(person(role)).get(reverse("queue"))
    assert len(rows(response)) == 1
    assert "Accept" not in response.content.decode().replace("Accepted", "")


def test_an_auditor_sees_the_queue_masked(rep, person, opened):
    handoff = opened(60, owner=rep, first_name="Zuzanna", last_name="Zielona")
    text = signed_in(person(Role.AUDITOR)).get(reverse("queue")).content.decode()
    assert f"Lead {handoff.lead_id}" in text
    assert "Zielona" not in text


def test_filters_and_search_narrow_the_queue(at, rep, scored, opened):
    anna = opened(60, owner=rep, first_name="Anna", title="CFO", company=Company.objects.create(name="Umbrella"))
    opened(60, owner=rep, first_name="Bert")

    def found(**params):
        return rows(at.get(reverse("queue"), params))

    assert found(search="anna") == found(search="umbrella cfo") == [anna.lead]
    assert found(search="nobody") == []
    assert len(found(stage="mql", rating="A")) == 2
    assert found(rating="C") == found(stage="sql") == []


@pytest.mark.parametrize(
    ("search", "why"),
    [("x" * 201, "Search for at most 200 characters."), ("a\0b", "Take the invisible character out of it.")],
)
@pytest.mark.parametrize("name", ["queue", "queue-rows"])
def test_a_search_that_cannot_be_made_is_said_above_the_whole_queue(name, search, why, at, rep, opened):
    handoff = opened(60, owner=rep)
    response = at.get(reverse(name), {"search": search})
    assert rows(response) == [handoff.lead]
    assert f"The queue is shown without the search. {why}" in response.content.decode()
    assert "shown without the search" not in at.get(reverse(name), {"search": "x" * 200}).content.decode()


@pytest.mark.parametrize(
    "params",
    [
        {"whose": "everybody"},
        {"phase": "ended"},
        {"stage": "nonsense"},
        {"rating": "Z"},
        {"search": "a\0b"},
        {"search": "x" * 5_000},
        {"page": "7"},
    ],
)
def test_a_filter_that_cannot_be_read_filters_nothing(params, at, rep, opened):
    opened(60, owner=rep)
    response = at.get(reverse("queue"), params)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "cursor", ["x", "after.1", "after.a.b", "after.1.2.3", "after.9" + "9" * 30 + ".1", "after.².1", "before.-1.2"]
)
def test_a_cursor_that_cannot_be_read_leads_to_the_first_page_and_says_why(cursor, at):
    response = at.get(reverse("queue"), {"cursor": cursor}, follow=True)
    assert response.redirect_chain == [("/queue/", 302)]
    assert "This cursor cannot be read" in response.content.decode()


def test_pages_hold_fifty_and_lead_on_and_back_without_a_gap(at, rep, scored, person):
    for total in range(50, 170):
        scored(total)
    handoffs_drain()
    Handoff.objects.update(owner=rep, team=rep.team)
    first = at.get(reverse("queue"))
    second = at.get(first.context["next_url"])
    third = at.get(second.context["next_url"])
    seen = [[lead.pk for lead in rows(page)] for page in (first, second, third)]
    assert [len(page) for page in seen] == [50, 50, 20]
    expected = list(Handoff.objects.order_by("-priority", "-pk").values_list("lead_id", flat=True))
    assert [*seen[0], *seen[1], *seen[2]] == expected
    assert third.context["next_url"] == ""
    assert [lead.pk for lead in rows(at.get(third.context["previous_url"]))] == seen[1]
    assert first.context["previous_url"] == ""
    assert "120 hand-offs" in first.content.decode()


def test_a_page_takes_the_same_number_of_queries_for_one_row_and_for_fifty(at, rep, scored, version):
    counts = []
    for many in (1, 1, 48):
        for _each in range(many):
            scored(60, company=Company.objects.create(name="C"))
        handoffs_drain()
        Handoff.objects.update(owner=rep)
        with CaptureQueriesContext(connection) as caught:
            assert at.get(reverse("queue")).status_code == 200
        counts.append(len(caught))
    assert counts[1] == counts[2]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({}, "Nothing waits for you"),
        ({"whose": "unowned"}, "Everything has an owner"),
        ({"whose": "all"}, "The queue is empty"),
        ({"phase": "accepted"}, "Nothing accepted yet"),
        ({"search": "x"}, "No hand-off matches"),
    ],
)
def test_an_empty_queue_says_what_to_do_next(params, sentence, at):
    assert sentence in at.get(reverse("queue"), params).content.decode()


def test_no_inline_script_style_or_handler_stands_on_the_page(at, rep, opened):
    opened(60, owner=rep)
    text = at.get(reverse("queue")).content.decode()
    assert " style=" not in text
    assert " onclick=" not in text
    assert "hx-on" not in text
    assert text.count("<script") == text.count('<script src="')


def test_what_leads_send_is_escaped(at, rep, opened):
    opened(60, owner=rep, first_name="<script>alert(1)</script>", title='"><img src=x>')
    text = at.get(reverse("queue")).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text


# The fragment that is asked for again


def test_a_poll_gets_nothing_while_nothing_changed_and_the_rows_once_something_did(frozen_now, at, rep, opened):
    opened(60, owner=rep)
    seen = at.get(reverse("queue")).context["seen"]
    same = at.get(reverse("queue-rows"), {"seen": seen}, headers=HTMX)
    assert (same.status_code, same.content) == (204, b"")
    newer = opened(90, owner=rep)
    response = at.get(reverse("queue-rows"), {"seen": seen}, headers=HTMX)
    assert response.status_code == 200
    assert str(newer.lead) in response.content.decode()
    assert "<html" not in response.content.decode()


def test_htmx_gets_the_part_below_the_filters_and_caches_are_told(at):
    response = at.get(reverse("queue"), headers=HTMX)
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


# Decisions


@pytest.mark.parametrize(("verb", "state"), [("claim", "claimed"), ("accept", "accepted")])
def test_a_decision_without_script_goes_back_to_where_one_was(verb, state, at, rep, opened):
    handoff = opened(60, owner=rep)
    response = at.post(reverse(f"handoff-{verb}", args=[handoff.pk]), {"next": "/queue/?whose=all"})
    assert (response.status_code, response.url) == (303, "/queue/?whose=all")
    handoff.refresh_from_db()
    assert handoff.state == state


def test_a_next_that_leads_elsewhere_is_not_followed(at, rep, opened):
    handoff = opened(60, owner=rep)
    response = at.post(reverse("handoff-claim", args=[handoff.pk]), {"next": "https://evil.example/"})
    assert response.url == reverse("queue")


def test_a_decision_with_script_gets_the_queue_as_it_is_now(at, rep, opened):
    gone, left = opened(60, owner=rep), opened(60, owner=rep)
    headers = {**HTMX, "HX-Current-URL": "http://testserver/queue/?whose=all"}
    response = at.post(reverse("handoff-accept", args=[gone.pk]), headers=headers)
    assert response.status_code == 200
    assert rows(response) == [left.lead]
    assert response["HX-Retarget"] == "#queue"
    assert "is yours to call" in response["HX-Trigger"]
    assert response.context["filters"].whose == "all"


def test_coming_second_is_told_in_place(at, rep, person, opened):
    handoff = opened(60, unowned=True)
    handoff_accept(handoff_id=handoff.pk, by=person(name="Fast Fred"))
    response = at.post(reverse("handoff-accept", args=[handoff.pk]), headers=HTMX)
    assert response.status_code == 409
    assert "Fast Fred has accepted this lead." in response.content.decode()
    plain = at.post(reverse("handoff-accept", args=[handoff.pk]), follow=True)
    assert "Fast Fred has accepted this lead." in plain.content.decode()


@pytest.mark.parametrize("name", ["handoff-claim", "handoff-release", "handoff-accept"])
def test_a_decision_is_no_link(name, at, rep, opened):
    assert at.get(reverse(name, args=[opened(60, owner=rep).pk])).status_code == 405


@pytest.mark.parametrize("name", ["queue", "queue-rows"])
def test_the_queue_takes_no_post(name, at):
    assert at.post(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", ["handoff-claim", "handoff-release", "handoff-accept", "handoff-reject"])
@pytest.mark.parametrize("pk", [0, 999_999, 10**30])
def test_a_hand_off_that_is_none_is_not_found(pk, name, at):
    assert at.post(reverse(name, args=[pk]), {"reason": "no-budget"}).status_code == 404


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_people_outside_sales_are_refused(role, rep, person, opened):
    handoff = opened(60, owner=rep)
    response = signed_in(person(role)).post(reverse("handoff-accept", args=[handoff.pk]))
    assert response.status_code == 403
    assert signed_in(person(role)).get(reverse("handoff-reject", args=[handoff.pk])).status_code == 404


def test_a_decision_needs_the_token_of_its_page(rep, opened):
    client = Client(enforce_csrf_checks=True)
    client.force_login(rep)
    assert client.post(reverse("handoff-accept", args=[opened(60, owner=rep).pk])).status_code == 403


# Rejecting


def test_rejecting_asks_for_one_of_the_teams_reasons(at, rep, opened, reasons):
    handoff = opened(60, owner=rep)
    text = at.get(reverse("handoff-reject", args=[handoff.pk])).content.decode()
    assert "No budget" in text
    assert "<html" in text
    part = at.get(reverse("handoff-reject", args=[handoff.pk]), headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'hx-post="' in part


def test_a_rejection_goes_back_to_the_queue(at, rep, opened, reasons):
    handoff = opened(60, owner=rep)
    url = reverse("handoff-reject", args=[handoff.pk])
    response = at.post(url, {"reason": "no-budget", "note": "Not this year"})
    assert (response.status_code, response.url) == (303, "/queue/")
    handoff.refresh_from_db()
    assert (handoff.state, handoff.reason) == ("rejected", reasons["no-budget"])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Choose a reason."),
        ({"reason": "because"}, "Choose one of the reasons offered."),
        ({"reason": "no-budget", "note": "x" * 2_001}, "at most 2000 characters"),
        ({"reason": "no-budget", "note": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_a_rejection_that_cannot_be_read_says_so_in_the_form(values, sentence, at, rep, opened, reasons):
    handoff = opened(60, owner=rep)
    response = at.post(reverse("handoff-reject", args=[handoff.pk]), values)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    handoff.refresh_from_db()
    assert handoff.state == "waiting"


def test_rejecting_second_is_told_in_the_queue(at, rep, person, opened, reasons):
    handoff = opened(60, owner=rep)
    handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget")
    response = at.post(reverse("handoff-reject", args=[handoff.pk]), {"reason": "no-budget"}, headers=HTMX)
    assert response.status_code == 409
    assert "You have rejected this lead already." in response.content.decode()


# The lead page


def test_the_lead_page_tells_where_the_hand_off_stands_and_why_this_rep(frozen_now, at, rep, opened, version):
    handoff = opened(60)
    Handoff.objects.filter(pk=handoff.pk).update(owner=rep)
    text = at.get(reverse("lead-handoff", args=[handoff.lead_id])).content.decode()
    for shown in ("waiting", "Rita Rep", "next in the round, by capacity", "24 h left", "Default", "Accept", "opened"):
        assert shown in text


def test_a_lead_that_was_rejected_says_why_it_is_held_back(rep, person, opened, reasons):
    handoff = opened(60, owner=rep)
    handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget", note="Next year")
    marketer = signed_in(person(Role.MARKETER))
    text = marketer.get(reverse("lead-handoff", args=[handoff.lead_id])).content.decode()
    for shown in ("rejected", "No budget", "cools down until", "Next year"):
        assert shown in text
    assert (
        "Next year"
        not in signed_in(person(Role.AUDITOR)).get(reverse("lead-handoff", args=[handoff.lead_id])).content.decode()
    )


def test_a_lead_that_is_held_back_quietly_says_so(person, scored):
    lead = scored(60)
    Suppression.objects.create(lead=lead, reason="quiet")
    text = signed_in(person(Role.MARKETER)).get(reverse("lead-handoff", args=[lead.pk])).content.decode()
    assert "only by a new version" in text


def test_a_lead_that_never_came_so_far_says_so(person, scored):
    lead = scored(10)
    text = signed_in(person(Role.MARKETER)).get(reverse("lead-handoff", args=[lead.pk])).content.decode()
    assert "Not handed off" in text


def test_a_lead_in_ones_queue_can_be_opened_and_a_colleagues_cannot(at, rep, person, opened):
    mine, theirs = opened(60, owner=rep), opened(60, owner=person())
    assert at.get(reverse("lead", args=[mine.lead_id])).status_code == 200
    assert at.get(reverse("lead", args=[theirs.lead_id])).status_code == 404
    assert at.get(reverse("lead-handoff", args=[theirs.lead_id])).status_code == 404


def test_the_panel_stands_on_the_lead_page_without_script(at, rep, opened):
    handoff = opened(60, owner=rep)
    assert 'id="panel-lead-handoff"' in at.get(reverse("lead", args=[handoff.lead_id])).content.decode()
