"""The lead page and its panels: what is explained, to whom, and as of when."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from crm.models import Company, Lead
from handoff.services import handoffs_reconcile
from kernel import slots
from tests.conftest import NOW

PANELS = ("lead-score", "lead-card", "lead-next", "lead-timeline", "lead-history", "lead-colleagues")


@pytest.fixture
def vera(world):
    """A vice president from Germany who looked at the prices twice: 20 + 10 + 20 points."""
    company = Company.objects.create(name="Theirs GmbH", domain="theirs.example", industry="Retail")
    lead = world.lead("vera@theirs.example", first_name="Vera", last_name="Vice", title="VP Sales", country="DE")
    world.send(lead, occurred_at=(NOW - timedelta(hours=1)).isoformat())
    world.send(lead, occurred_at=(NOW - timedelta(hours=2)).isoformat())
    world.settle()
    lead.refresh_from_db()
    assert lead.company == company
    return lead


def page(client, lead, **asked):
    return client.get(reverse("lead", args=[lead.pk]), asked)


def panel(client, name, lead, **asked):
    response = client.get(reverse(name, args=[lead.pk]), asked)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_who_it_is_and_why_the_score_is_what_it_is_without_script(vera, signed_in):
    text = page(signed_in(Role.MARKETER), vera).content.decode()
    for word in ("Vera Vice", "VP Sales", "Theirs GmbH", "Executive title", "+20", "From Germany", "+10", "Marketing"):
        assert word in text
    assert 'id="panel-lead-card"' in text


def test_every_line_opens_to_its_rule_and_its_evidence(vera, signed_in):
    text = panel(signed_in(Role.MARKETER), "lead-card", vera)
    assert "+20 when seniority is one of C-level, VP" in text
    assert text.count("https://ours.example/pricing") == 2
    assert "0 days" in text
    assert "100 %" in text


def test_what_nobody_knows_is_shown_as_what_to_ask(world, signed_in):
    lead = world.lead(country="DE")
    world.settle()
    text = page(signed_in(Role.MARKETER), lead).content.decode()
    assert "ask for seniority" in " ".join(text.split())
    assert "Budget" in text


def test_a_decayed_activity_says_what_is_kept_of_it(vera, world, signed_in, frozen_now):
    frozen_now.shift(timedelta(days=5))
    text = panel(signed_in(Role.MARKETER), "lead-card", vera)
    assert "5 days" in text
    assert "50 %" in text


def test_the_score_of_another_day_is_recomputed(vera, signed_in):
    Lead.objects.filter(pk=vera.pk).update(created_at=NOW - timedelta(days=1))
    text = panel(signed_in(Role.MARKETER), "lead-score", vera, as_of="2026-03-02")
    assert ">30<" in text.replace(" ", "").replace("\n", "")
    assert "on 2 Mar 2026" in text


def test_by_what_was_known_then_judges_by_the_rules_of_then(vera, world, signed_in, frozen_now):
    frozen_now.shift(timedelta(days=2))
    Lead.objects.filter(pk=vera.pk)
    world.publish(
        {
            **world.model.versions.get().document,
            "stages": [{"key": "cold"}, {"key": "mql", "at": 41}, {"key": "sql", "at": 90}],
        }
    )
    client = signed_in(Role.MARKETER)
    assert "v1" in panel(client, "lead-card", vera, as_of="2026-03-04", known="then")
    assert "v2" in panel(client, "lead-card", vera, as_of="2026-03-04", known="now")


@pytest.mark.parametrize("asked", [{"as_of": "yesterday"}, {"as_of": "0001-01-01"}, {"model": "../x"}, {"known": "?"}])
def test_an_address_that_cannot_be_read_asks_for_now(vera, signed_in, asked):
    assert page(signed_in(Role.MARKETER), vera, **asked).status_code == 200


@pytest.mark.parametrize("day", ["2026-02-30", "yesterday"])
def test_a_day_that_is_none_is_said_and_today_is_shown(vera, signed_in, day):
    text = panel(signed_in(Role.MARKETER), "lead-score", vera, as_of=day)
    assert "That is no day of the calendar: today is shown." in text
    assert "As of today" in text


@pytest.mark.parametrize("known", ["now", "then"])
@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-02-20", "Not known before 21 Feb 2026: today is shown."),
        ("0001-01-01", "Not known before 21 Feb 2026: today is shown."),
        ("2026-03-04", "A score cannot look ahead: today is shown."),
        ("9999-12-31", "A score cannot look ahead: today is shown."),
    ],
)
def test_a_day_before_the_first_trace_or_after_today_is_refused_in_a_sentence(
    vera, world, signed_in, day, sentence, known
):
    world.send(vera, occurred_at=(NOW - timedelta(days=10)).isoformat())
    world.settle()
    client = signed_in(Role.MARKETER)
    text = panel(client, "lead-score", vera, as_of=day, known=known)
    assert sentence in text
    assert "As of today" in text
    assert 'min="2026-02-21"' in text
    assert 'max="2026-03-03"' in text
    for edge in ("2026-02-21", "2026-03-03"):
        assert "today is shown" not in panel(client, "lead-score", vera, as_of=edge, known=known)


def test_before_anything_was_known_the_page_says_so(vera, world, signed_in):
    world.send(vera, occurred_at=(NOW - timedelta(days=10)).isoformat())
    text = panel(signed_in(Role.MARKETER), "lead-card", vera, as_of="2026-02-25", known="then")
    assert "Nothing was known of this lead then" in text


def test_the_timeline_says_what_each_activity_is_worth_today(vera, world, signed_in):
    world.send(vera, "email_open", subject="Spring news")
    text = panel(signed_in(Role.MARKETER), "lead-timeline", vera)
    assert text.count("+10") == 2
    assert "Spring news" in text


@pytest.mark.parametrize(("zone", "shown"), [("UTC", "11:00"), ("Asia/Tokyo", "20:00"), ("Nope/Nowhere", "11:00")])
def test_times_are_those_of_whoever_looks(vera, signed_in, person, zone, shown):
    assert f"3 Mar 2026, {shown}" in panel(signed_in(person(Role.MARKETER, time_zone=zone)), "lead-timeline", vera)


def test_a_long_timeline_is_shown_in_parts_without_gap_or_repeat(vera, world, signed_in, monkeypatch):
    monkeypatch.setattr("scoring.panels.TIMELINE_ROWS", 1)
    client = signed_in(Role.MARKETER)
    first = client.get(reverse("lead-timeline", args=[vera.pk]))
    second = client.get(reverse("lead-timeline", args=[vera.pk]), {"before": first.context["more"]})
    assert [row["pk"] for row in first.context["rows"]] != [row["pk"] for row in second.context["rows"]]
    assert second.context["more"] == ""


def test_the_history_has_a_chart_and_the_same_figures_as_a_table(vera, signed_in):
    response = signed_in(Role.MARKETER).get(reverse("lead-history", args=[vera.pk]))
    chart, rows = response.context["chart"], response.context["rows"]
    assert [point[1] for point in chart["points"]] == [row["after"]["total"] for row in reversed(rows)]
    assert {"label": "v1", "kind": "version"}.items() <= chart["marks"][0].items()
    assert chart["coming"][0][1] == 50


def test_the_history_calls_a_stage_as_the_version_of_then_did(vera, world, signed_in, frozen_now):
    client = signed_in(Role.MARKETER)
    client.get(reverse("lead-history", args=[vera.pk]))
    with CaptureQueriesContext(connection) as one_version:
        client.get(reverse("lead-history", args=[vera.pk]))
    frozen_now.shift(timedelta(hours=1))
    renamed = [{**stage, "label": f"{stage['label']} (new)"} for stage in world.model.versions.get().document["stages"]]
    world.publish({**world.model.versions.get().document, "stages": renamed})
    world.send(vera)
    world.settle()
    client.get(reverse("lead-history", args=[vera.pk]))
    with CaptureQueriesContext(connection) as two_versions:
        response = client.get(reverse("lead-history", args=[vera.pk]))
    shown = [row["stage_label"] for row in response.context["rows"]]
    assert shown[0].endswith(" (new)")
    assert shown[-1] in {"Cold", "Warm", "Marketing qualified"}
    text = response.content.decode()
    assert f">{shown[0]}<" in text
    assert not [key for key in ("cold", "warm", "mql", "sql") if f">{key}<" in text]
    assert len(two_versions) == len(one_version)


def test_the_history_marks_hand_offs(vera, signed_in, person):
    person(Role.REP)
    handoffs_reconcile()
    response = signed_in(Role.MARKETER).get(reverse("lead-history", args=[vera.pk]))
    assert [mark["label"] for mark in response.context["chart"]["marks"] if mark["kind"] == "handoff"] == ["hand-off"]


def test_what_comes_next_is_said(vera, signed_in):
    text = panel(signed_in(Role.MARKETER), "lead-next", vera)
    assert "Falls below Marketing qualified in" in text
    assert "20 points short of Sales qualified" in text


def test_a_model_that_does_not_apply_is_said(world, signed_in):
    partner = world.lead(source="partner")
    world.settle()
    assert "does not apply" in panel(signed_in(Role.MARKETER), "lead-score", partner)


def test_colleagues_of_other_reps_have_no_name(vera, world, signed_in, person):
    carl = world.lead("carl@theirs.example", first_name="Carl", last_name="Colleague", title="CTO")
    world.settle()
    rita = person(Role.REP)
    Lead.objects.filter(pk=vera.pk).update(owner=rita)
    assert "Carl Colleague" in panel(signed_in(Role.MARKETER), "lead-colleagues", vera)
    masked = panel(signed_in(rita), "lead-colleagues", vera)
    assert "CTO" in masked
    assert "Colleague" not in masked
    assert reverse("lead", args=[carl.pk]) not in masked


def test_a_colleague_with_neither_a_name_to_show_nor_a_title_is_told_as_such(vera, world, signed_in, person):
    world.lead("carl@theirs.example", first_name="Carl", title="")
    world.settle()
    rita = person(Role.REP)
    Lead.objects.filter(pk=vera.pk).update(owner=rita)
    for who in (rita, Role.AUDITOR):
        assert "Contact without title" in panel(signed_in(who), "lead-colleagues", vera)
    assert "Contact without title" not in panel(signed_in(Role.MARKETER), "lead-colleagues", vera)


@pytest.mark.parametrize("name", ["lead", *PANELS])
def test_a_lead_out_of_reach_is_not_found(vera, signed_in, name):
    assert signed_in(Role.REP).get(reverse(name, args=[vera.pk])).status_code == 404


@pytest.mark.parametrize("name", ["lead", *PANELS])
def test_nothing_is_shown_without_a_sign_in(vera, client, name):
    assert client.get(reverse(name, args=[vera.pk])).status_code == 302


@pytest.mark.parametrize("name", ["lead", *PANELS])
def test_an_auditor_reads_no_personal_data(vera, world, signed_in, name):
    world.send(vera, "email_click", subject="For Vera Vice")
    world.lead("colleague@theirs.example", first_name="Carl", last_name="Viceroy", title="CTO")
    world.settle()
    text = signed_in(Role.AUDITOR).get(reverse(name, args=[vera.pk])).content.decode()
    for hidden in ("Vice", "vera@", "/pricing<", "For Vera"):
        assert hidden not in text


def test_a_merged_lead_leads_on_to_its_survivor(vera, world, signed_in):
    old = world.lead()
    Lead.objects.filter(pk=old.pk).update(merged_into=vera)
    response = page(signed_in(Role.MARKETER), old)
    assert (response.status_code, response.url) == (302, reverse("lead", args=[vera.pk]))


def test_a_lead_without_any_model_has_a_page(db, signed_in):
    lead = Lead.objects.create(first_name="Nobody")
    client = signed_in(Role.MARKETER)
    assert "no model is published" in page(client, lead).content.decode()
    for name in PANELS:
        panel(client, name, lead)


def test_the_number_of_queries_does_not_grow_with_what_the_lead_did(vera, world, signed_in):
    client = signed_in(Role.MARKETER)
    page(client, vera)
    with CaptureQueriesContext(connection) as few:
        page(client, vera)
    for minute in range(30):
        world.send(vera, occurred_at=(NOW - timedelta(days=1, minutes=minute)).isoformat())
    world.settle()
    with CaptureQueriesContext(connection) as many:
        page(client, vera)
    assert len(many) == len(few) <= 40


def test_every_panel_of_the_page_has_an_address():
    for name in ("lead.header", "lead.main", "lead.side", "lead.end"):
        for each in slots.panels(name):
            assert reverse(each.url_name, args=[1])


def test_what_a_lead_wrote_is_shown_as_text(world, signed_in):
    nasty = '"><script>alert(1)</script>'
    lead = world.lead(first_name=nasty, title=nasty, country="DE")
    world.send(lead, url=f"https://ours.example/pricing?{nasty}", subject=nasty)
    world.settle()
    client = signed_in(Role.MARKETER)
    for name in ("lead", *PANELS):
        assert "<script>alert(1)" not in client.get(reverse(name, args=[lead.pk])).content.decode()
