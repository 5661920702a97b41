"""The readable docs in a real browser."""

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_docs_open_without_a_complaint_of_the_content_security_policy(chromium: Any, live_server: Any) -> None:
    complaints: list[str] = []
    page = chromium.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}/api/docs/")
    page.locator("#operations-evaluate-evaluate").wait_for()
    page.locator("#operations-evaluate-evaluate .opblock-summary-control").click()
    page.get_by_text("Judge facts by a matrix").first.wait_for()
    page.close()
    assert complaints == []
