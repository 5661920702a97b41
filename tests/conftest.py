"""What every test may use: a frozen clock, people, and commits that ring the bells."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from hypothesis import settings

from accounts.models import Role, Team, User

pytest_plugins = ["tests.plugins.browser"]

# `make prove` runs every property with HYPOTHESIS_PROFILE=prove.
settings.register_profile("default", deadline=None)
settings.register_profile("prove", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def plain_static_files(settings: object) -> None:
    """Addresses of static files without a manifest: nothing is collected before the tests."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def own_column_file(settings: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees another's column file; the folder is made by whoever keeps one."""
    settings.COLUMNS_DIR = tmp_path_factory.getbasetemp() / "columns" / uuid4().hex


@pytest.fixture(autouse=True)
def no_second_factor(settings: object) -> None:
    """Nobody is led to two-step sign-in; tests of it turn it on."""
    settings.MFA_REQUIRED = False


@pytest.fixture
def frozen_now() -> Iterator[time_machine.Traveller]:
    """The clock stands at 3 March 2026, noon UTC; move it with `frozen_now.shift(...)` or `.move_to(...)`."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make somebody who works here: `person(Role.REP, name="Rita", weekly_capacity=40)`."""
    made = 0

    def make(role: Role = Role.REP, **fields: object) -> User:
        nonlocal made
        made += 1
        team = fields.pop("team", None) or Team.objects.get_or_create(name="Inside sales")[0]
        fields.setdefault("weekly_capacity", 40 if role == Role.REP else 0)
        return User.objects.create_user(
            fields.pop("email", f"{role.value}{made}@ours.example"),
            fields.pop("password", "correct horse battery"),
            **{"name": f"{role.label} {made}", "role": role, "team": team, **fields},
        )

    return make


CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for all browser tests of a process; each test opens windows of its own in it."""
    from playwright.sync_api import sync_playwright

    from tests.plugins.browser import chromium_path

    # Playwright's loop runs in this thread from here on; the ORM would take that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium_path()), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
