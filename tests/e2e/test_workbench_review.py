"""A version on its way in a real browser: submitted, signed by two people, published, followed, and rolled back."""

from copy import deepcopy
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Role
from handoff.models import Handoff
from handoff.services import handoffs_drain
from scoring.models import MatrixVersion, Score, ScoringModel
from scoring.services.matrices import version_create
from tests.e2e.test_axe import serious

pytestmark = pytest.mark.browser


def figures() -> list[tuple[Any, ...]]:
    return list(Score.objects.order_by("lead_id").values_list("lead_id", "total", "rating", "stage", "is_qualified"))


def lower(document: dict[str, Any]) -> dict[str, Any]:
    """The same matrix with a line that more leads reach."""
    changed = deepcopy(document)
    stages = changed["stages"]
    place = next(n for n, each in enumerate(stages) if each["key"] == changed.get("hand_off_at", "mql"))
    stages[place]["at"] = stages[place - 1].get("at", 0) + 1
    stages[place].pop("min_grade", None)
    return changed


def review(page: Page, version: MatrixVersion) -> None:
    page.goto(reverse("workbench-review", args=[version.pk]))
    expect(page.locator("#review")).to_be_visible()


def explain_all(page: Page) -> None:
    """Give every warning its reason, one after the other."""
    fields = page.get_by_label("Why it is lived with")
    while left := fields.count():
        fields.first.fill("We talked about it on Monday.")
        page.get_by_role("button", name="Keep").first.click()
        # One reason may speak for two findings of a kind.
        expect(fields).not_to_have_count(left)
    expect(fields).to_have_count(0)


def test_two_people_sign_a_version_that_is_published_followed_and_rolled_back(company, sign_in):
    company.publish()
    company.settle()
    model = ScoringModel.objects.get()
    old = model.active_version
    before, waiting = figures(), Handoff.objects.filter(closed_at=None).count()
    draft = version_create(model=model, document=lower(old.document), by=company.people[Role.ADMINISTRATOR])

    mia, sam, ada = sign_in(Role.MARKETER), sign_in(Role.SALES_MANAGER), sign_in(Role.ADMINISTRATOR)
    review(mia, draft)
    explain_all(mia)
    mia.get_by_role("button", name="Submit for review").click()
    expect(mia.get_by_text("In review: sales and marketing sign now.")).to_be_visible()

    review(sam, draft)
    expect(sam.get_by_text("The signature of marketing is missing.")).to_be_visible()
    sam.get_by_role("button", name="Sign for sales").click()
    expect(sam.get_by_text("You have signed.")).to_be_visible()

    review(mia, draft)
    mia.get_by_role("button", name="Sign for marketing").click()
    expect(mia.get_by_text("signed by both")).to_be_visible()
    mia.get_by_label("Loudly: all open at once").check()
    mia.get_by_role("button", name="Publish", exact=True).click()
    expect(mia.get_by_text("judges from now on")).to_be_visible()
    draft.refresh_from_db()
    assert (draft.state, draft.is_emergency) == ("published", False)

    review(mia, draft)
    expect(mia.get_by_text("under way")).to_be_visible()
    company.settle()
    handoffs_drain()
    review(mia, draft)
    expect(mia.get_by_role("heading", name="Judging everybody anew")).to_be_visible()
    expect(mia.get_by_text("under way")).to_have_count(0)
    assert Handoff.objects.filter(closed_at=None).count() > waiting
    assert figures() != before

    review(ada, draft)
    ada.get_by_label("Why back").fill("Sales cannot work so many.")
    ada.get_by_role("button", name=f"Roll back to version {old.number}").click()
    expect(ada.get_by_text("judges from now on")).to_be_visible()
    company.settle()
    assert figures() == before
    made = MatrixVersion.objects.get(origin=f"rollback:{old.number}")
    assert (made.state, made.is_emergency) == ("published", True)
    ada.goto(f"{reverse('workbench-compare')}?a={old.pk}&b={made.pk}")
    expect(ada.get_by_text("No difference.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_review_and_the_comparison_fit_the_screen(company, sign_in, width, theme):
    company.publish()
    model = ScoringModel.objects.get()
    draft = version_create(model=model, document=lower(model.active_version.document), by=company.people[Role.MARKETER])
    page = sign_in(Role.ADMINISTRATOR, width=width, theme=theme)
    for name, address in (
        ("draft", f"{reverse('workbench-review', args=[draft.pk])}?publish"),
        ("published", reverse("workbench-review", args=[model.active_version.pk])),
        ("compare", f"{reverse('workbench-compare')}?a={model.active_version.pk}&b={draft.pk}"),
    ):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        found = serious(page)
        assert found == [], f"{name}: {found}"
