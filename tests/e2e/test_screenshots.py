"""Pictures of every screen, light and dark, wide and narrow: `make screenshots` writes them where SCREENSHOTS says."""

import os
from pathlib import Path

import pytest

from accounts.models import Role
from handoff.models import Handoff
from scoring.models import MatrixVersion, Score

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="pictures are taken by `make screenshots`"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pictures_of_every_screen(company, open_page, sign_in, width, theme):
    folder = Path(os.environ["SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    company.publish()
    mine = Handoff.objects.filter(owner=company.people[Role.REP]).order_by("-priority").first().lead_id
    best = Score.objects.order_by("-total").first().lead_id
    version = MatrixVersion.objects.get().pk
    screens = {
        None: {"sign-in": "/accounts/login/"},
        Role.REP: {"queue": "/queue/", "lead": f"/leads/{mine}/", "not-found": "/no/such/page/"},
        Role.ADMINISTRATOR: {
            "leads": "/leads/",
            "lead-as-of": f"/leads/{best}/?as_of=2026-01-01",
            "admin": "/admin/",
            "versions": "/admin/scoring/matrixversion/",
            "version": f"/admin/scoring/matrixversion/{version}/change/",
            "hand-offs": "/admin/handoff/handoff/",
        },
    }
    for role, pages in screens.items():
        page = sign_in(role, width=width, theme=theme) if role else open_page(width=width, theme=theme)
        for name, address in pages.items():
            page.goto(address)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(300)
            page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=width == 1280)
