"""A real Chromium against a live server. A page fails its test on any console error, script error or policy report."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from accounts.models import Role, User
from tests.e2e.company import Company, company_make

# How long a page may take says nothing here: these end a wait that would never end, on a machine that is busy.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def is_complaint(page: Page, message: ConsoleMessage) -> bool:
    """An error on the console, but for the answer of a page that is asked for to see how it refuses."""
    refusals = ("/no/such/page/", "/admin/login/?next=/admin/", "#failing")
    # How the workbench learns that somebody was faster, or that a value is none.
    is_refused_edit = "/admin/workbench/" in page.url and re.search(r"status of (409|422)", message.text) is not None
    return message.type == "error" and not is_refused_edit and not page.url.endswith(refusals)


@pytest.fixture
def company(transactional_db: None) -> Company:
    """People and leads; nothing published yet."""
    return company_make()


@pytest.fixture
def open_page(chromium: Browser, live_server: object) -> Iterator[Callable[..., Page]]:
    """A new window: `open_page(user, width=390, theme="dark")`, signed in where a user is given."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(user: User | None = None, *, width: int = 1280, theme: str = "light") -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda message: is_complaint(page, message) and complaints.append(f"{page.url}: {message.text}")
        )
        page.on("dialog", lambda dialog: (complaints.append(f"{page.url}: {dialog.message}"), dialog.dismiss()))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == [], "\n".join(complaints)


@pytest.fixture
def sign_in(open_page: Callable[..., Page], company: Company) -> Callable[..., Page]:
    """A window of somebody of a role, signed in: `sign_in(Role.REP, width=390)`."""

    def make(role: Role, **window: object) -> Page:
        return open_page(company.people[role], **window)

    return make
