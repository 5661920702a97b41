"""A marketer builds a criterion from menus by keyboard, changes a condition, duplicates and reorders; nothing is lost on the
way through the editor."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role
from scoring.models import MatrixVersion
from scoring.presets import PRESETS, preset_document
from scoring.services.matrices import model_create, version_create
from tests.e2e.company import Company
from tests.e2e.test_axe import serious
from tests.e2e.test_styleguide import TOO_WIDE
from tests.engine.golden import golden_cases

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
    expect(sheet.locator(".suggest-option:visible")).to_have_count(1)
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


# What a person does who clicks into every control and changes nothing, and what the sheet then holds.
TOUCHED = """async (documents) => {
  const { criterionJson, criterionModel, openOn, held } = await import("/static/js/workbench/editor/criterion.js");
  const { settingsJson, settingsModel } = await import("/static/js/workbench/editor/settings.js");
  const { same } = await import("/static/js/workbench/editor/differences.js");
  const { workbench } = await import("/static/js/workbench/store.js");
  const wrong = [];
  const sheet = document.getElementById("matrix-sheet");
  for (const each of documents) {
    workbench.document = each;
    const { criteria, examples, schema, ...rest } = each;
    const settings = settingsJson(settingsModel(structuredClone(rest)));
    if (!same(settings, rest)) wrong.push({ was: rest, is: settings });
    for (const criterion of criteria) {
      if (!same(criterionJson(criterionModel(structuredClone(criterion))), criterion)) wrong.push({ pure: criterion });
      await openOn(criterion);
      const controls = [...sheet.querySelectorAll("[data-sheet-body] :is(input, textarea, select)")];
      for (const control of controls) {
        if (!control.isConnected || ["checkbox", "radio"].includes(control.type)) continue;
        if (control.tagName === "SELECT") continue;
        control.dispatchEvent(new Event("input", { bubbles: true }));
      }
      if (!same(held(), criterion)) wrong.push({ was: criterion, is: held() });
    }
  }
  return wrong;
}"""


def test_every_valid_criterion_comes_out_of_the_editor_as_it_went_in(company: Company, sign_in) -> None:
    draft = draft_of(company)
    page = sign_in(Role.MARKETER)
    page.goto(f"/admin/workbench/{draft.pk}/")
    expect(page.get_by_role("button", name="Settings")).to_be_visible()
    documents = [case["matrix"] for case in golden_cases(of="card").values()]
    documents += [preset_document(each.slug) for each in PRESETS]
    assert sum(len(each["criteria"]) for each in documents) > 200
    assert page.evaluate(TOUCHED, documents) == []


def test_a_condition_is_changed_and_criteria_copied_moved_grouped_and_switched_off(company: Company, sign_in) -> None:
    draft = draft_of(company)
    before = criteria_of(draft)
    page = sign_in(Role.MARKETER, width=390, theme="dark")
    page.goto(f"/admin/workbench/{draft.pk}/")
    fit = [key for key, each in before.items() if each["dimension"] == "fit" and "group" in each]
    key = next(each for each in fit if before[each]["if"].get("op") == "has_word")
    menu = page.locator("#criterion-menu-panel")

    def choose(name: str, of: str = key) -> None:
        page.locator(f".criterion-menu[data-criterion='{of}']").press("Enter")
        menu.get_by_role("menuitem", name=name).press("Enter")

    choose("Edit")
    sheet = page.locator("#matrix-sheet")
    value = sheet.get_by_role("combobox", name="Value", exact=True)
    value.fill("mogul")
    value.press("Enter")
    sheet.get_by_role("button", name="Add a condition").press("Enter")
    sheet.get_by_label("Field", exact=True).nth(1).select_option("lead.country")
    countries = sheet.get_by_role("combobox", name="Value", exact=True).nth(1)
    countries.fill("germ")
    expect(sheet.get_by_role("option", name="Germany")).to_contain_text("leads")
    countries.press("ArrowDown")
    countries.press("Enter")
    sheet.get_by_role("button", name="Not").nth(2).press("Enter")
    expect(sheet.locator("[data-sheet-sentence]")).to_contain_text("and not (country is “DE”)")
    picture(page, "editor-phone-dark")
    assert serious(page) == []
    assert page.evaluate(TOO_WIDE) == []
    sheet.get_by_role("button", name="Save").press("Enter")
    expect(sheet).to_be_hidden()
    was = before[key]["if"]
    assert criteria_of(draft)[key]["if"] == {
        "all": [
            {**was, "value": [*was["value"], "mogul"]},
            {"not": {"field": "lead.country", "op": "in", "value": ["DE"]}},
        ]
    }

    choose("Duplicate")
    copied = f"{key}-copy"
    expect(page.locator(f"#criterion-{copied}")).to_be_visible()
    keys = list(criteria_of(draft))
    assert keys.index(copied) == keys.index(key) + 1
    choose("Switch off", copied)
    expect(page.locator(f"#criterion-{copied}")).to_contain_text("disabled")
    button = page.locator(f".criterion-menu[data-criterion='{copied}']")
    expect(button).to_be_focused()
    button.press("Alt+ArrowUp")
    expect(page.locator(f"#criterion-{copied} + #criterion-{key}")).to_be_attached()
    keys = list(criteria_of(draft))
    assert keys.index(copied) + 1 == keys.index(key)
    choose("Move to a group", copied)
    menu.get_by_role("menuitemradio", name="No group").press("Enter")
    expect(page.locator(f"tbody[data-group=''] #criterion-{copied}")).to_be_visible()
    choose("Delete", copied)
    expect(page.locator(f"#criterion-{copied}")).to_be_hidden()
    assert list(criteria_of(draft)) == list(before)


def test_stars_settings_and_borrowed_criteria(company: Company, sign_in) -> None:
    document = preset_document("b2b_saas")
    document.pop("points_per_star", None)
    draft = draft_of(company, document)
    page = sign_in(Role.MARKETER)
    page.goto(f"/admin/workbench/{draft.pk}/")
    page.get_by_role("button", name="Settings").press("Enter")
    sheet = page.locator("#matrix-sheet")
    sheet.get_by_label("Points per star").fill("x")
    expect(sheet.locator("[data-problem='/points_per_star']")).to_contain_text("whole number")
    sheet.get_by_label("Points per star").fill("4")
    sheet.get_by_role("button", name="Add a stage").press("Enter")
    sheet.get_by_label("Name", exact=True).last.focus()
    picture(page, "settings")
    assert serious(page) == []
    page.keyboard.press("Control+Enter")
    expect(sheet).to_be_hidden()
    draft.refresh_from_db()
    assert draft.document["points_per_star"] == 4
    assert draft.document["stages"][-1]["key"] == "new-stage"

    page.locator("[data-edit-criterion=''][data-in=fit]").press("Enter")
    sheet.get_by_label("Name", exact=True).fill("Writes to us")
    sheet.get_by_label("Valued in").select_option("stars")
    sheet.get_by_role("radio", name="5 of 5 stars").check(force=True)
    expect(sheet.locator("[data-sheet-sentence]")).to_contain_text("+20")
    picture(page, "editor-stars")
    page.keyboard.press("Escape")
    expect(sheet.get_by_text("Your changes are not saved.")).to_be_visible()
    sheet.get_by_role("button", name="Go on").press("Enter")
    sheet.get_by_role("button", name="Save").press("Enter")
    expect(sheet).to_be_hidden()
    assert criteria_of(draft)["writes-to-us"]["stars"] == 5

    page.get_by_role("button", name="From a preset").press("Enter")
    borrowing = page.locator("#presets-sheet")
    borrowing.get_by_label("From", exact=True).select_option("preset:education")
    wanted = preset_document("education")["criteria"][0]
    borrowing.get_by_role("checkbox", name=wanted["label"]).first.check()
    picture(page, "presets")
    assert serious(page) == []
    borrowing.get_by_role("button", name="Add those chosen").press("Enter")
    expect(borrowing).to_be_hidden()
    assert list(criteria_of(draft).values())[-1]["label"] == wanted["label"]
