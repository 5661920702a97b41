"""A rep writes down what a call brought: title and phone in place, a note, the company and below whom it stands."""

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from crm.models import Company, Lead

pytestmark = pytest.mark.browser


def test_a_call_is_written_down_and_the_score_follows(company, sign_in):
    company.publish()
    lead = Lead.objects.filter(owner=company.people[Role.REP], title="Student").first()
    Company.objects.create(name="Holding Group", domain="holding.example")
    page = sign_in(Role.REP)
    page.goto(f"/leads/{lead.pk}/")

    page.locator("#facts-person").get_by_role("link", name="Edit").click()
    form = page.locator("#facts-person form")
    form.get_by_label("Title").fill("VP Marketing")
    form.get_by_label("Phone").fill("+48 600 100 200")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#facts-person")).to_contain_text("+48 600 100 200")
    expect(page.locator("#lead-identity")).to_contain_text("VP Marketing")
    expect(page.get_by_text("Being scored again")).to_be_visible()
    before = page.locator("#panel-lead-card").inner_text()
    company.settle()
    expect(page.get_by_text("Being scored again")).to_be_hidden()
    expect(page.locator("#panel-lead-card")).not_to_have_text(before, use_inner_text=True)

    notes = page.locator("#lead-notes")
    notes.get_by_label("The first note").fill("Call again on Friday: https://ours.example/agenda")
    notes.get_by_role("button", name="Keep the note").click()
    expect(notes.get_by_role("link", name="https://ours.example/agenda")).to_be_visible()

    page.get_by_role("link", name="How the facts changed").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Title"))
    expect(row).to_contain_text("Student")
    expect(row).to_contain_text("Rita Reyes")
    row.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Title is what it was before.")).to_be_visible()

    page.goto(f"/companies/{lead.company_id}/")
    expect(page.locator("#panel-company-people")).to_contain_text(str(lead))
    page.get_by_label("Belongs to").fill("Holding Group")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It belongs to Holding Group now.")).to_be_visible()
