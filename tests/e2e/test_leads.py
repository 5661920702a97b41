"""The list of leads in a real browser: search, choose columns, keep the view, open it again, take it out."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from tests.e2e.test_axe import serious

pytestmark = pytest.mark.browser


def test_somebody_narrows_the_list_keeps_it_and_takes_it_out(company, sign_in):
    company.publish()
    page = sign_in(Role.MARKETER)
    page.goto("/leads/")
    page.get_by_label("Search").fill("northwind")
    expect(page.get_by_text("Search: northwind")).to_be_visible()
    bar = page.locator("#leads")

    bar.locator("summary", has_text="Columns").click()
    bar.get_by_label("Email", exact=True).check()
    up = bar.get_by_label("Move Company to the front")
    up.click()
    expect(up).to_be_focused()
    bar.get_by_role("button", name="Show these").click()
    expect(page.locator("th")).to_contain_text(["Name", "Company", "Title", "Rating", "Total", "Stage", "Owner",
                                                "Last activity", "Email"])  # fmt: skip

    bar.locator("summary", has_text="All leads").click()
    bar.get_by_label("Keep these filters and columns as").fill("Northwind people")
    bar.get_by_label("For everybody").check()
    bar.get_by_role("button", name="Keep as a new view").click()
    expect(page.get_by_text("“Northwind people” is kept.")).to_be_visible()
    assert serious(page) == []

    page.goto("/leads/?view=all")
    bar.locator("summary", has_text="All leads").click()
    bar.get_by_role("link", name="Northwind people").click()
    expect(page.get_by_text("Search: northwind")).to_be_visible()
    expect(page.locator("th").nth(1)).to_have_text("Company")

    shown = page.locator("tbody tr").count()
    bar.locator("summary", has_text="Export").click()
    with page.expect_download() as started:
        bar.get_by_role("button", name="As CSV").click()
    rows = list(csv.reader(io.StringIO(Path(started.value.path()).read_text("utf-8-sig"))))
    assert rows[0][:2] == ["Name", "Company"]
    assert {row[1] for row in rows[1:]} == {"Northwind"}
    assert len(rows) == shown + 1
