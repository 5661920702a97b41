"""From `make demo EMPTY=1` on an empty database to a score on the screen within five minutes, by the real launcher."""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.embedded.launcher import folder_remove, launched

pytestmark = pytest.mark.browser
# What the product promises for a first score, the start of its servers included.
FIVE_MINUTES = 300
OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TOMBSTONE_KEY", "DEMO", "DEBUG")


@pytest.fixture
def var() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="leadscore-"))
    yield folder
    folder_remove(folder)


def setup_link(launcher: "subprocess.Popen[str]") -> str:
    assert launcher.stdout is not None
    said = ""
    while line := launcher.stdout.readline():
        said += line
        if line.startswith("Data and logs"):
            found = re.search(r"http://\S+/set-up/\?key=\S+", said)
            assert found is not None, said
            return found.group(0)
    raise AssertionError(f"the launcher ended: {said}")


def test_an_empty_installation_has_a_score_on_screen_within_five_minutes(var: Path, chromium: Browser) -> None:
    began = time.monotonic()
    with launched(["demo"], var=var, unset=OWN, PORT="0", EMPTY="1") as launcher:
        link = setup_link(launcher)
        context = chromium.new_context(timezone_id="Europe/Warsaw", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(60_000)
        complaints: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        walk(page, link)
        assert time.monotonic() - began < FIVE_MINUTES
        context.close()
        assert complaints == []


def walk(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Your name").fill("Ada Novak")
    page.get_by_label("Email").fill("ada@ours.example")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Company").fill("Ours")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Warsaw")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Skip").click()
    page.get_by_label("B2B SaaS").check()
    page.get_by_role("button", name="Start with this one").click()
    # By the line that is shown, as it is pasted.
    page.get_by_role("button", name="Make a key").click()
    line = page.get_by_label("Paste this into a terminal").input_value()
    subprocess.run(["sh", "-c", line], check=True, capture_output=True, timeout=60)
    expect(page.locator("#arrivals")).to_contain_text("A program has called")
    page.goto(f"{link.split('/set-up/')[0]}/first-run/scores/")
    best = page.get_by_role("link", name="Ada Byron")
    expect(best).to_be_visible()
    best.click()
    expect(page.get_by_role("heading", name="Score card")).to_be_visible()
