"""The readable docs in a real browser."""

import os
from typing import Any

import pytest

from tests.plugins.browser import chromium_path

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_docs_open_without_a_complaint_of_the_content_security_policy(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from playwright.sync_api import sync_playwright

    # Playwright runs a loop of its own in this thread; our queries are not inside it.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium_path()), args=["--no-sandbox"])
        page = browser.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{live_server.url}/api/docs/")
        page.locator("#operations-evaluate-evaluate").wait_for()
        page.locator("#operations-evaluate-evaluate .opblock-summary-control").click()
        page.get_by_text("Judge facts by a matrix").first.wait_for()
        browser.close()
    assert complaints == []
