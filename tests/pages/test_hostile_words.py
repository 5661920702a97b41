"""Nonsense in any field or query of any page: an answer, never a broken page, and no way off this site.

Which names a page reads is not written down here: it is listened to while it reads them, and read from the forms it
shows, so a new field is tried as soon as there is one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client

from accounts.models import User
from crm.models import AttributeDefinition
from crm.services.imports import import_create
from tests.pages.test_access import ASKED, TABLE, WHO, Team2, _teams, address
from tests.scoring.world import NOON

pytestmark = pytest.mark.django_db

NONSENSE = {
    "NUL": "a\0b",
    "digits": "9" * 30,
    "zeros before them": "0" * 25 + "9" * 25,
    "more digits than Python reads": "9" * 5_000,
    "negative": "-1",
    "a digit that is no number": "²",
    "long": "x" * 70_000,
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "no day": "2026-13-45",
    "no number": "NaN",
    "no end": "1e999",
    "a list": '["a", 1]',
    "no address": "http://[nonsense",
    "another site": "//elsewhere.example/",
    "nothing": "",
    "one": "1",
}
TELLING = {
    name: NONSENSE[name]
    for name in ("NUL", "digits", "negative", "a digit that is no number", "last day", "no address")
}
# What makes a page read further than the first field that is in order.
WORDS = {
    "do": ("next", "preview", "look"),
    "pace": ("daily",),
    "says": ("machine",),
    "settled": ("different",),
    "given": ("1",),
}
# Addresses of one route that are pages of their own.
STEPS = ("company", "people", "preset", "leads", "scores", "queue")
FIELD = re.compile(r'<(?:input|select|textarea|button)\b[^>]*?\sname="([^"]+)"')
CASES = [
    (name, method)
    for name, row in sorted(TABLE.items())
    for method, letters in (("GET", row.get), ("POST", row.post))
    if "o" in letters[1:]
]


@pytest.fixture(scope="module")
def ours(django_db_setup: None, django_db_blocker: Any) -> Iterator[Team2]:
    """A team with one of everything, its people in the zone where the day begins first; made once, rolled back."""
    with django_db_blocker.unblock(), time_machine.travel(NOON, tick=False), transaction.atomic():
        made = _teams()[0]
        User.objects.update(time_zone="Pacific/Kiritimati")
        for kind in AttributeDefinition.Type.values:
            AttributeDefinition.objects.create(
                subject="lead", key=f"a_{kind}", label=kind, type=kind, choices=["x"] if kind == "choice" else []
            )
        brought = import_create(file_name="fair.csv", content=[b"email,Visited,Booth\nann@a.example,2026-03-01,7\n"])
        made.things["imports"] = brought.pk
        yield made
        transaction.set_rollback(True)


@contextmanager
def listening(heard: set[str]) -> Iterator[None]:
    """The names that whoever answers asks of a query or a form."""
    asking = ("__getitem__", "get", "getlist", "__contains__")
    with pytest.MonkeyPatch.context() as patch:
        for way in asking:
            patch.setattr(QueryDict, way, _heard(getattr(QueryDict, way), heard))
        yield


def _heard(way: Any, heard: set[str]) -> Any:
    def asked(self: QueryDict, key: Any, *rest: Any, **named: Any) -> Any:
        if isinstance(key, str) and key not in NONSENSE.values():
            heard.add(key)
        return way(self, key, *rest, **named)

    return asked


class Walk:
    """One page by one method, asked as somebody it is open to."""

    def __init__(self, name: str, method: str, ours: Team2, *, step: str = "") -> None:
        row = TABLE[name]
        letters = row.get if method == "GET" else row.post
        role = next(role for role, letter in zip(WHO, letters, strict=True) if letter == "o" and role is not None)
        self.client = Client()
        self.client.force_login(ours.people[role])
        self.method, self.things = method, ours.things
        self.address = (
            address(name, ours.things).replace("/company/", f"/{step}/") if step else address(name, ours.things)
        )
        # A form of nothing at all is taken for none.
        self.usual = {"nonsense": "1"} | {key: ours.things.get(word, word) for key, word in ASKED.get(name, {}).items()}
        self.broken: list[str] = []

    def ask(self, asked: dict[str, Any], why: str, **headers: str) -> set[str]:
        """Whether it broke, and the names it read or showed."""
        heard: set[str] = set()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with transaction.atomic(), listening(heard):
                if self.method == "GET":
                    response = self.client.get(self.address, asked, headers=headers)
                else:
                    response = self.client.post(f"{self.address}?{urlencode(asked)}"[:8_000], asked, headers=headers)
                heard |= self.shown(response, why)
                transaction.set_rollback(True)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what is looked for)
            self.broken.append(f"{why}: {error!r:.200}")
        return heard - {"nonsense", "csrfmiddlewaretoken"}

    def shown(self, response: HttpResponse, why: str) -> set[str]:
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if response.status_code >= 500:
            self.broken.append(f"{why}: {response.status_code}")
        if re.match(r"\w+:|//", response.headers.get("Location", "")):
            self.broken.append(f"{why}: leads to {response['Location']}")
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return set(FIELD.findall(body.decode())) if is_page and len(body) < 500_000 else set()


def walked(name: str, method: str, ours: Team2, *, is_thorough: bool) -> list[str]:
    """What broke, of nonsense in every name at once and, thorough, in each alone beside what is usual."""
    broken: list[str] = []
    for step in STEPS if name == "first-run-step" else ("",):
        walk = Walk(name, method, ours, step=step)
        known: set[str] = set()
        new = walk.ask(walk.usual, "as it is")
        walk.ask(walk.usual, "from nowhere", HX_Request="true", HX_Current_URL="http://[nonsense")
        while new - known:
            more = sorted(new - known)[:60]
            known |= new
            new = set()
            for label, value in NONSENSE.items() if is_thorough else TELLING.items():
                new |= walk.ask(walk.usual | dict.fromkeys(known, value), f"all {label}")
            for each in more:
                words = [(word, word) for word in WORDS.get(each, ())]
                for label, value in [*NONSENSE.items(), *words] if is_thorough else words:
                    new |= walk.ask(walk.usual | {each: value}, f"{each} {label}")
        broken += walk.broken
    return broken


@pytest.mark.parametrize(("name", "method"), CASES)
def test_nonsense_breaks_no_page(name: str, method: str, ours: Team2) -> None:
    assert walked(name, method, ours, is_thorough=False) == []


@pytest.mark.prove
@pytest.mark.parametrize(("name", "method"), CASES)
def test_nonsense_in_any_one_field_breaks_no_page(name: str, method: str, ours: Team2) -> None:
    assert walked(name, method, ours, is_thorough=True) == []
