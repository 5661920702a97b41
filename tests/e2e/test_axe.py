"""axe finds nothing serious on any page, light and dark, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from accounts.models import Role
from handoff.models import Handoff
from scoring.models import MatrixVersion, Score
from tests.e2e.company import Company

pytestmark = pytest.mark.browser
WINDOWS = [(1280, "light"), (390, "dark")]


def serious(page) -> list[str]:
    """What axe holds for serious or critical, with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


def addresses(company: Company) -> list[str]:
    best = Score.objects.order_by("-total").first().lead_id
    version = MatrixVersion.objects.get().pk
    handoff = Handoff.objects.first().pk
    return [
        "/leads/",
        "/leads/?search=nobody-has-this-name",
        f"/leads/{best}/",
        f"/leads/{best}/?as_of=2026-01-01&known=then",
        "/no/such/page/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/admin/",
        "/admin/crm/lead/",
        f"/admin/crm/lead/{best}/change/",
        "/admin/scoring/scoringmodel/",
        "/admin/scoring/matrixversion/",
        f"/admin/scoring/matrixversion/{version}/change/",
        "/admin/scoring/matrixversion/add/",
        f"/admin/handoff/handoff/{handoff}/change/",
        "/admin/accounts/user/add/",
        "/admin/accounts/apikey/add/",
        "/admin/accounts/auditentry/",
    ]


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_nothing_serious_on_the_pages_of_an_administrator(company, sign_in, width, theme):
    company.publish()
    page = sign_in(Role.ADMINISTRATOR, width=width, theme=theme)
    found = []
    for address in addresses(company):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found += serious(page)
        if not address.startswith("/admin/"):
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{address} is too wide"
    assert found == []


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_nothing_serious_on_the_pages_of_a_rep(company, sign_in, width, theme):
    company.publish()
    page = sign_in(Role.REP, width=width, theme=theme)
    mine = Handoff.objects.filter(owner=company.people[Role.REP]).first()
    found = []
    for address in ("/queue/", "/leads/", f"/leads/{mine.lead_id}/", "/admin/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found += serious(page)
    assert found == []


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_nothing_serious_in_the_first_run(company, sign_in, width, theme):
    page = sign_in(Role.ADMINISTRATOR, width=width, theme=theme)
    found = []
    steps = ("company", "people", "preset", "leads", "scores", "queue", "presets/b2b_saas")
    for address in ("/", *(f"/first-run/{step}/" for step in steps)):
        page.goto(address)
        found += serious(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{address} is too wide"
    assert found == []


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_nothing_serious_before_the_sign_in(open_page, company, width, theme):
    page = open_page(width=width, theme=theme)
    found = []
    for address in ("/accounts/login/", "/accounts/password/reset/"):
        page.goto(address)
        found += serious(page)
    assert found == []
