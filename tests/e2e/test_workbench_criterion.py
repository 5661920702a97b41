"""A marketer builds a criterion from menus by keyboard, changes a condition, duplicates and reorders; nothing is lost on the
way through the editor."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role
from scoring.models import MatrixVersion
from scoring.presets import preset_document
from scoring.services.matrices import model_create, version_create
from tests.e2e.company import Company
from tests.e2e.test_axe import serious

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("WORKBENCH_PICTURES", "")


def draft_of(company: Company, document: dict[str, Any] | None = None) -> MatrixVersion:
    mara = company.people[Role.MARKETER]
    model = model_create(slug="b2b", name="B2B SaaS", by=mara)
    return version_create(model=model, document=document or preset_document("b2b_saas"), by=mara)


def criteria_of(draft: MatrixVersion) -> dict[str, Any]:
    draft.refresh_from_db()
    return {each["key"]: each for each in draft.document["criteria"]}


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_a_criterion_with_a_pattern_a_count_and_decay_is_built_by_keyboard(company: Company, sign_in) -> None:
    draft = draft_of(company)
    page = sign_in(Role.MARKETER)
    page.goto(f"/admin/workbench/{draft.pk}/")
    page.locator("[data-edit-criterion=''][data-in=behavior]").press("Enter")
    sheet = page.locator("#matrix-sheet")
    name = sheet.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    page.keyboard.type("Read the pricing page")
    expect(sheet.get_by_label("Key")).to_have_value("read-the-pricing-page")
    sheet.get_by_label("points", exact=True).fill("8")

    kinds = sheet.get_by_role("combobox", name="Kinds of activity")
    kinds.focus()
    page.keyboard.type("page v")
    expect(sheet.get_by_role("option", name="page view")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(sheet.locator(".chip", has_text="page view")).to_be_visible()

    sheet.get_by_role("button", name="Add a condition").first.press("Enter")
    expect(sheet.get_by_label("Field", exact=True)).to_have_value("activity.url")
    value = sheet.get_by_role("combobox", name="Value", exact=True)
    value.focus()
    page.keyboard.type("/pric")
    expect(sheet.get_by_role("option", name="/pricing").first).to_contain_text("activities")
    picture(page, "editor-suggestions")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(sheet.locator(".chip", has_text="/pricing")).to_be_visible()

    sheet.get_by_label("At most a day").fill("1")
    sheet.get_by_label("Each further one, in percent of the one before").fill("50")
    sheet.get_by_label("Fading").select_option("half_life_days")
    sheet.get_by_label("days", exact=True).fill("14")
    expect(sheet.locator("[data-decay-line]")).to_have_text(
        "10 points are worth 7 after 7 days, 2 after 30, 0 after 90."
    )
    expect(sheet.locator(".curve-line")).to_be_visible()
    picture(page, "editor-built")
    expect(sheet.locator("[data-sheet-sentence]")).to_have_text(
        "+8: page view where address is under /pricing; at most 1 a day, each further one at 50 percent of the one before; "
        "halves every 14 days"
    )
    assert serious(page) == []
    page.keyboard.press("Control+Enter")
    expect(sheet).to_be_hidden()
    expect(page.locator("#criterion-read-the-pricing-page")).to_contain_text(
        "page view where address is under /pricing"
    )
    assert criteria_of(draft)["read-the-pricing-page"] == {
        "key": "read-the-pricing-page",
        "label": "Read the pricing page",
        "dimension": "behavior",
        "points": 8,
        "when": {
            "kinds": ["page_view"],
            "where": {"field": "activity.url", "op": "path_starts_with", "value": "/pricing"},
        },
        "count": {"max_per_day": 1, "repeat_percent": 50},
        "decay": {"half_life_days": 14},
    }
