"""Pictures of every screen of the demo company: `make screenshots` writes them where SCREENSHOTS says, and those of the docs.

Light and dark, 1280 and 390 pixels wide. What a page shows is what the product shows: no picture is drawn by hand.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import Role, User
from crm.models import Company, Lead
from handoff.models import Handoff
from leadscore.demo.story import DOMAIN, tell
from scoring.models import MatrixVersion, Score
from tests.pages.test_access import OURS, TABLE, WHO

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="pictures are taken by `make screenshots`"),
]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
LEADS = 1_500
# The pictures that the docs show.
IN_DOCS = {
    "queue-light-1280",
    "lead-light-1280",
    "lead-dark-1280",
    "leads-light-1280",
    "company-light-1280",
    "version-light-1280",
    "workbench-light-1280",
    "workbench-dark-1280",
}


@pytest.fixture
def demo(transactional_db: None) -> dict[Role, User]:
    """The demo company and one of its people of each role."""
    tell(leads=LEADS, now=timezone.now().replace(microsecond=0), say=lambda _line: None)
    people = User.objects.filter(email__endswith=f"@{DOMAIN}").order_by("-pk")
    return {Role(user.role): user for user in people}


def screens(demo: dict[Role, User]) -> Iterator[tuple[Role | None, str, str]]:
    """(whose, name, address) of every screen."""
    mine = Handoff.objects.filter(owner=demo[Role.REP], closed_at=None).order_by("-total").first().lead_id
    best = Score.objects.order_by("-total", "lead_id").first().lead_id
    version = MatrixVersion.objects.order_by("number").last().pk
    yield None, "sign-in", "/accounts/login/"
    yield Role.REP, "queue", "/queue/"
    yield Role.REP, "lead", f"/leads/{mine}/"
    yield Role.REP, "not-found", "/no/such/page/"
    yield Role.ADMINISTRATOR, "lead-as-of", f"/leads/{best}/?as_of={timezone.now():%Y}-01-01"
    yield Role.ADMINISTRATOR, "version", f"/admin/scoring/matrixversion/{version}/change/"
    yield Role.MARKETER, "workbench", f"/admin/workbench/{version}/"
    yield Role.MARKETER, "workbench-models", "/admin/workbench/"
    for tab in ("test", "findings", "comments", "log", "review"):
        yield Role.MARKETER, f"workbench-{tab}", f"/admin/workbench/{version}/?tab={tab}"
    for page in ("compare", "shadow"):
        yield Role.MARKETER, f"workbench-{page}", f"/admin/workbench/{version}/{page}/"
    for name in ("scoring/matrixversion", "handoff/handoff", "crm/quarantine", "accounts/auditentry"):
        yield Role.ADMINISTRATOR, f"admin-{name.replace('/', '-')}", f"/admin/{name}/"
    yield Role.ADMINISTRATOR, "admin", "/admin/"
    taken = {"queue", "lead", "home"}
    things = {
        "leads": Lead.objects.get(pk=best).pk,
        "companies": Company.objects.filter(leads=best).values_list("pk", flat=True).first() or 0,
    }
    for name, route in OURS.items():
        kind = route.split("/")[0]
        is_shown = TABLE[name].get[WHO.index(Role.ADMINISTRATOR)] == "o"
        is_page = is_shown and not route.startswith(("favicon", "health", "i18n", "jsi18n"))
        if is_page and name not in taken and ("<" not in route or kind in things):
            yield Role.ADMINISTRATOR, name, f"/{_filled(route, things.get(kind, 0))}"


def _filled(route: str, thing: int) -> str:
    return route.replace("<int:pk>", str(thing))


# The company takes longest to tell, so one test tells it once for all windows.
def test_pictures_of_every_screen(demo: dict[Role, User], open_page: Callable[..., Page]) -> None:
    folder = Path(os.environ["SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    shown = list(screens(demo))
    # Those of the docs first.
    for is_for_docs, width, theme in product((True, False), (1280, 390), ("light", "dark")):
        windows: dict[Role | None, Page] = {}
        for role, name, address in shown:
            picture = folder / f"{name}-{theme}-{width}.png"
            if (picture.stem in IN_DOCS) is not is_for_docs:
                continue
            if role not in windows:
                windows[role] = open_page(demo[role] if role else None, width=width, theme=theme)
            _taken(windows[role], address, picture, is_whole=width == 1280 and not is_for_docs)
            if is_for_docs:
                shutil.copy(picture, DOCS / picture.name)


def _taken(page: Page, address: str, picture: Path, *, is_whole: bool) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.screenshot(path=picture, full_page=is_whole, timeout=60_000)
