"""The product's main job in a real browser: leads in, an explained queue out, a version published and followed."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from crm.models import Lead
from handoff.models import Handoff
from scoring.models import MatrixVersion, Score
from tests.e2e.company import PASSWORD, PEOPLE

pytestmark = pytest.mark.browser


def sign_in_by_hand(page, role):
    page.goto("/")
    page.get_by_label("Email").fill(PEOPLE[role][1])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_rep_reads_why_the_first_lead_is_first_and_accepts_it(company, open_page):
    company.publish()
    page = open_page()
    sign_in_by_hand(page, Role.REP)
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()

    first = page.locator("#queue tbody tr").first
    name = first.get_by_role("link").first
    lead_name = name.inner_text().strip()
    name.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(lead_name)
    lead_id = int(re.search(r"/leads/(\d+)/", page.url).group(1))
    score = Score.objects.get(lead=lead_id)
    card = page.locator("#panel-lead-card")
    expect(card).to_contain_text(f"{score.total}")

    line = card.locator("details.waterfall-line").first
    line.locator("summary").click()
    expect(line).to_contain_text("when")
    expect(page.locator("#panel-lead-timeline")).to_contain_text("Timeline")
    expect(page.locator("#panel-lead-history canvas")).to_be_visible()

    page.locator("#panel-lead-handoff, [id*=handoff]").get_by_role("button", name="Accept").first.click()
    expect(page.get_by_text("accepted").first).to_be_visible()
    assert Handoff.objects.get(lead=lead_id).state == "accepted"


def test_an_administrator_publishes_a_preset_with_a_reason_and_scores_and_queue_follow(company, open_page):
    page = open_page()
    sign_in_by_hand(page, Role.ADMINISTRATOR)
    page.get_by_role("link", name="Leads", exact=True).first.click()
    expect(page.get_by_text("No model is published yet")).to_be_visible()

    page.get_by_role("link", name="Scoring", exact=True).click()
    page.goto("/admin/scoring/scoringmodel/add/")
    page.locator("#id_name").fill("B2B SaaS")
    page.locator("#id_slug").fill("b2b-saas")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/admin/scoring/matrixversion/add/")
    page.locator("#id_model").select_option(label="B2B SaaS")
    page.locator("#id_preset").select_option("b2b_saas")
    page.get_by_role("button", name="Save", exact=True).click()
    version = MatrixVersion.objects.get()
    page.goto(f"/admin/scoring/matrixversion/{version.pk}/change/")
    expect(page.get_by_text("Decision maker")).to_be_visible()
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("Reason").fill("Sales and marketing agreed on Monday.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("judges from now on")).to_be_visible()
    version.refresh_from_db()
    assert (version.state, version.publish_reason) == ("published", "Sales and marketing agreed on Monday.")

    page.goto("/leads/")
    expect(page.get_by_text("0 of 40 leads on v1")).to_be_visible()
    company.settle()
    page.reload()
    best = Score.objects.order_by("-total", "lead").first()
    expect(page.locator("#leads tbody tr").first).to_contain_text(str(best.total))

    rep = open_page(company.people[Role.REP])
    rep.goto("/queue/")
    expect(rep.locator("#queue tbody tr").first).to_be_visible()
    assert Handoff.objects.filter(owner=company.people[Role.REP]).exists()


def test_the_list_is_searched_as_one_types(company, sign_in):
    company.publish()
    page = sign_in(Role.MARKETER)
    page.goto("/leads/")
    wanted = Lead.objects.order_by("pk").first()
    page.get_by_role("searchbox").or_(page.locator("#id_search")).first.fill(wanted.email)
    expect(page.locator("#leads tbody tr")).to_have_count(1)
    expect(page.locator("#leads tbody tr")).to_contain_text(str(wanted))
    assert "search=" in page.url


def test_the_choice_of_the_dark_look_holds_on_pages_and_in_the_admin(company, sign_in):
    page = sign_in(Role.ADMINISTRATOR)
    page.goto("/leads/")
    expect(page.locator("html")).not_to_have_class(re.compile("dark"))
    page.get_by_label("Account of Ada Novak").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.goto("/admin/")
    expect(page.locator("html")).to_have_class(re.compile("dark"))


def test_what_a_lead_wrote_runs_nowhere(company, sign_in):
    payloads = [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ constructor.constructor('alert(1)')() }}",
        "</script><svg onload=alert(1)>",
        "javascript:alert(1)",
    ]
    company.publish()
    leads = list(Lead.objects.order_by("pk")[: len(payloads)])
    for lead, payload in zip(leads, payloads, strict=True):
        Lead.objects.filter(pk=lead.pk).update(first_name=payload, last_name="", title=payload, city=payload)
        lead.activities.update(url=payload, subject=payload)
    page = sign_in(Role.ADMINISTRATOR)
    for address in [
        "/leads/",
        *(f"/leads/{lead.pk}/" for lead in leads),
        "/queue/",
        "/admin/crm/lead/",
        "/admin/crm/activity/",
    ]:
        page.goto(address)
        page.wait_for_load_state("networkidle")
