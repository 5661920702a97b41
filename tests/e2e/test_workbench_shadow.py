"""A marketer lets a draft run beside the published version, two nights pass, and the page says what they found."""

import copy
import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role
from crm.models import Lead
from crm.services.activities import activity_record_own
from insights.baselines import baselines_take
from scoring.models import MatrixVersion, Shadow, ShadowLead
from scoring.preview.population import population_forget
from scoring.services.matrices import version_create
from scoring.services.runs import night_start
from scoring.shadow_nights import shadows_night
from tests.e2e.company import Company
from tests.e2e.test_axe import serious

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("WORKBENCH_PICTURES", "")


def lowered(company: Company) -> MatrixVersion:
    """A draft by which everybody above a third of the threshold is handed off."""
    published = MatrixVersion.objects.select_related("model").get()
    document = copy.deepcopy(published.document)
    for stage in document["stages"]:
        if "at" in stage:
            stage["at"] = max(1, stage["at"] // 3)
    return version_create(model=published.model, document=document, by=company.people[Role.MARKETER])


def a_night_passes(company: Company, days: int) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=True):
        night_start()
        company.settle()
        assert shadows_night() == 1


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_a_shadow_is_started_and_read_after_two_nights(company: Company, sign_in) -> None:
    company.publish()
    population_forget()
    draft = lowered(company)
    page = sign_in(Role.MARKETER)
    page.goto(f"/admin/workbench/{draft.pk}/shadow/")
    expect(page.get_by_text("No shadow yet")).to_be_visible()
    page.get_by_role("button", name="Start a shadow").click()
    expect(page.get_by_text("The draft runs beside the published version from now on.")).to_be_visible()
    expect(page.get_by_text("No day yet")).to_be_visible()

    assert shadows_night() == 1
    a_night_passes(company, 2)
    lead = Lead.objects.get(pk=ShadowLead.objects.filter(side="shadow").first().lead_id)
    activity_record_own(lead_id=lead.pk, kind="conversation")

    page.reload()
    days = page.locator("#shadow-days tbody tr")
    expect(days).to_have_count(3)
    expect(days.nth(1)).to_contain_text("not judged")
    expect(page.locator("#shadow-gaps")).to_contain_text("1 day was not judged")
    expect(page.locator("#shadow-leads")).to_contain_text(str(lead))
    fates = page.locator("#panel-shadow-fates")
    expect(fates.get_by_role("row").filter(has_text="Had a conversation")).to_contain_text("1")
    assert serious(page) == []
    page.get_by_role("link", name="Only published").click()
    expect(page.locator("#shadow-leads")).to_contain_text("Nobody was qualified by this side alone.")
    page.get_by_role("button", name="End the shadow").click()
    expect(page.locator("#shadow-state")).to_contain_text("ended by hand")
    assert Shadow.objects.get().ended_at is not None


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_nothing_serious_where_a_shadow_has_days_and_a_version_its_baseline(
    company: Company, sign_in, width: int, theme: str
) -> None:
    company.publish()
    MatrixVersion.objects.update(published_at=timezone.now() - timedelta(days=5, hours=1))
    baselines_take()
    population_forget()
    draft = lowered(company)
    shadow = Shadow.objects.create(version=draft, started_by=company.people[Role.MARKETER], checksum=draft.checksum)
    published = MatrixVersion.objects.get(number=1)
    shadows_night()
    today = shadow.days.get().as_of
    for at in range(1, 40):
        if at % 9:
            shadow.days.create(
                as_of=today - timedelta(days=at), published=published, qualified_both=40 + at,
                qualified_published_only=at % 4, qualified_shadow_only=12 + at % 7,
            )  # fmt: skip
    page = sign_in(Role.ADMINISTRATOR, width=width, theme=theme)
    page.goto(f"/admin/workbench/{draft.pk}/shadow/")
    expect(page.locator("#panel-shadow-fates")).to_contain_text("Had a conversation")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture(page, f"shadow-{theme}-{width}")
    for version in (draft, published):
        address = f"/insights/versions/{version.pk}/baseline/"
        page.evaluate("address => htmx.ajax('GET', address, '#main')", address)
        expect(page.locator("#panel-baseline")).to_contain_text(
            "Handed off" if version == draft else "Before and since"
        )
        assert serious(page) == []
        picture(page, f"baseline-{version.number}-{theme}-{width}")
