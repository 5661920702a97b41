"""Every address of the workbench, by method and role, against one table. An address that is missing from it fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.models import Role, User
from scoring.models import MatrixVersion
from scoring.workbench.urls import urlpatterns
from tests.pages.test_access import letter

pytestmark = pytest.mark.django_db
WHO = (None, Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A letter each for nobody, rep, sales manager, marketer, administrator and auditor: open, closed (x), to the
    sign-in (l), no such method (m). An empty form that is refused with a sentence was an open door."""

    get: str
    post: str


READ = Row(get="lxoooo", post="lxmmmm")
# Who may not do it is told so before it is said that the method is another.
EDIT = Row(get="lxmmmx", post="lxooox")
JSON_EDIT = Row(get="mmmmmm", post="lxooox")
JSON_READ = Row(get="lxoooo", post="mmmmmm")

TABLE = {
    # The page, its edits, its log and the list of all models.
    "workbench-models": READ,
    "workbench-draft": EDIT,
    "workbench": READ,
    "workbench-matrix": READ,
    "workbench-log": READ,
    "workbench-edits": JSON_EDIT,
    "workbench-undo": JSON_EDIT,
    "workbench-redo": JSON_EDIT,
    "workbench-poll": JSON_READ,
    # The criterion editor.
    "workbench-fields": JSON_READ,
    "workbench-values": JSON_READ,
    "workbench-sentence": Row(get="mmmmmm", post="lxoooo"),
    "workbench-presets": Row(get="lxoooo", post="lxoooo"),
    # Impact.
    "workbench-impact": READ,
    "workbench-impact-figures": READ,
    "workbench-impact-try": EDIT,
    "workbench-impact-leads": READ,
    "workbench-impact-threshold": READ,
    # Test a lead; findings; comments; alignment. Cards are asked by POST for their length and change nothing.
    "workbench-test": READ,
    "workbench-test-form": READ,
    "workbench-test-leads": READ,
    "workbench-test-cards": Row(get="lxmmmm", post="lxoooo"),
    "workbench-examples": READ,
    "workbench-findings": READ,
    "workbench-findings-reason": EDIT,
    "workbench-comments": READ,
    "workbench-comment-threads": READ,
    "workbench-comment-add": EDIT,
    "workbench-comment-delete": EDIT,
    "workbench-comment-settle": EDIT,
    "workbench-alignment": READ,
    "workbench-alignment-record": EDIT,
    "workbench-alignment-remove": EDIT,
    "workbench-alignment-of": READ,
    # Review, publication and the difference of two versions.
    "workbench-review": READ,
    "workbench-submit": EDIT,
    "workbench-withdraw": EDIT,
    "workbench-accept": EDIT,
    "workbench-sign": Row(get="lxmmmx", post="lxooxx"),
    "workbench-unsign": EDIT,
    # Not signed: an administrator alone may, with a reason.
    "workbench-publish": Row(get="lxmmmx", post="lxxxox"),
    "workbench-call-off": EDIT,
    "workbench-roll-back": EDIT,
    "workbench-look": EDIT,
    "workbench-compare": READ,
    # Shadows.
    "workbench-shadow": READ,
    "workbench-shadow-start": EDIT,
    "workbench-shadow-end": EDIT,
}
# What an address asks besides: versions by name.
ASKED = {"workbench-compare": ("a", "b")}
OURS = {str(each.name): each for each in urlpatterns if isinstance(each, URLPattern)}


def test_the_table_names_every_address_of_the_workbench_and_no_other() -> None:
    assert sorted(TABLE) == sorted(OURS)


@pytest.fixture
def people(person: Callable[..., User]) -> dict[Role, User]:
    return {role: person(role) for role in WHO if role is not None}


def answers(people: dict[Role, User], draft: MatrixVersion, method: str, name: str) -> Iterator[HttpResponse]:
    for role in WHO:
        client = Client()
        if role is not None:
            client.force_login(people[role])
        # What one of them does, the next must not meet.
        point = transaction.savepoint()
        yield client.generic(method, _address(name, draft))
        transaction.savepoint_rollback(point)


def _address(name: str, draft: MatrixVersion) -> str:
    arguments: dict[str, Any] = {"pk": draft.pk, "model": draft.model_id}
    named = OURS[name].pattern.converters
    asked = "&".join(f"{each}={draft.pk}" for each in ASKED.get(name, ()))
    return f"{reverse(name, kwargs={each: arguments.get(each, draft.pk) for each in named})}?{asked}"


@pytest.mark.parametrize("name", sorted(TABLE))
def test_everybody_meets_what_the_table_says(people: dict[Role, User], draft: MatrixVersion, name: str) -> None:
    found = {
        method: "".join(map(letter, answers(people, draft, method, name)))  # type: ignore[arg-type]  # as answered
        for method in ("GET", "POST")
    }
    assert found == {"GET": TABLE[name].get, "POST": TABLE[name].post}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_no_address_answers_to_methods_it_does_not_have(
    people: dict[Role, User], draft: MatrixVersion, name: str
) -> None:
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        for answer in answers(people, draft, method, name):
            assert answer.status_code in {302, 403, 404, 405}, (method, name, answer.status_code)
