"""One story in a real browser: a pair is found, merged with a choice per field, the score changes, and it is undone."""

import pytest

from accounts.models import Role
from crm.models import Lead
from crm.services.activities import activities_record
from crm.services.duplicates_finding import duplicates_find
from crm.services.leads import lead_upsert
from scoring.models import Score
from tests.e2e.test_axe import serious

pytestmark = pytest.mark.browser


def deeds(name, count):
    activities_record(
        feed="web",
        items=[
            {
                "message_id": f"{name}{number}",
                "kind": "download",
                "occurred_at": f"2026-03-0{number + 1}T10:00:00Z",
                "subject": "Buyer guide",
                "lead": {"external_id": name},
            }
            for number in range(count)
        ],
    )


def upsert(**values):
    return lead_upsert(feed="web", values=values).lead


@pytest.fixture
def twins(company):
    company.publish()
    shared = {
        "last_name": "Winterbottom-Schwarzenegger",
        "company": {"name": "Northwind", "domain": "northwind.example"},
    }
    one = upsert(external_id="t1", first_name="Robert", title="VP Marketing", email="rw@northwind.example", **shared)
    other = upsert(external_id="t2", first_name="Bob", title="Student", phone="+48600100200", **shared)
    deeds("t1", 1)
    deeds("t2", 4)
    duplicates_find()
    company.settle()
    return one, other


def total(lead):
    return Score.objects.get(lead=lead).total


def test_a_pair_is_merged_with_a_choice_and_undone(twins, company, sign_in):
    one, other = twins
    before = total(one), total(other)
    page = sign_in(Role.MARKETER)
    found = []
    page.goto("/leads/duplicates/")
    found += serious(page)
    page.get_by_role("link", name="Merge…").first.click()
    found += serious(page)
    page.get_by_role("group", name="Title").get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Merge", exact=True).click()
    page.get_by_role("heading", name="Robert Winterbottom-Schwarzenegger").wait_for()
    company.settle()

    survivor = Lead.objects.get(pk=one.pk)
    assert (survivor.title, survivor.phone) == ("Student", "+48600100200")
    assert not Score.objects.filter(lead=other).exists()
    assert total(one) != before[0]

    page.goto("/leads/merges/")
    found += serious(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("they are two leads again").wait_for()
    company.settle()
    assert (total(one), total(other)) == before
    page.goto("/leads/excluded/")
    found += serious(page)
    assert found == []


@pytest.mark.parametrize(("width", "theme"), [(390, "dark")])
def test_the_pages_fit_a_phone(twins, sign_in, width, theme):
    one, other = twins
    page = sign_in(Role.MARKETER, width=width, theme=theme)
    for address in (
        "/leads/duplicates/",
        f"/leads/merge/?first={one.pk}&second={other.pk}",
        f"/leads/merge/?first={one.pk}&search=a",
        "/leads/merges/",
        "/leads/excluded/",
    ):
        page.goto(address)
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{address} is too wide"
