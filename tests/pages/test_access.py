"""Every address of every page, by method and role, against one table. An address that is missing from it fails.

The table is that of the promises: who may do what, on things of one's own team and on things of another.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Notification, Role, SavedView, Team, User
from accounts.services import api_key_create
from crm.models import Activity, Company, FactChange, Import, ImportRejection, Lead, PossibleDuplicate, SavedMapping
from crm.services.merging import leads_merge
from crm.services.notes import note_add
from handoff.models import Handoff
from handoff.services import handoffs_reconcile
from scoring.models import MatrixVersion, Shadow
from tests.scoring.world import NOON, World

pytestmark = pytest.mark.django_db
WHO = (None, Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR)
# The API has a walk of its own (tests/api/test_access.py), and so have the records (tests/pages/test_admin.py).
ELSEWHERE = ("api/", "admin/")
# What the letters of the table stand for; an empty form that is refused with a sentence was an open door.
LETTERS = {"o": "open", "x": "closed", "l": "to the sign-in", "m": "no such method"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One address: a letter each for nobody, rep, sales manager, marketer, administrator and auditor.

    `get` and `post` speak of a thing of one's own team, `their_get` and `their_post` of another team's thing; empty where
    the address names no thing, or where it makes no difference.
    """

    get: str
    post: str
    their_get: str = ""
    their_post: str = ""


PAGE = Row(get="looooo", post="lmmmmm")
ANYBODY = Row(get="oooooo", post="mmmmmm")
OF_A_LEAD = Row(get="looooo", post="lmmmmm", their_get="lxxooo", their_post="lmmmmm")
# Nobody decides but sales, and nobody another team's.
DECISION = Row(get="lmmmmm", post="looxxx", their_get="lmmmmm", their_post="lxxxxx")
SET_UP = Row(get="lxxxox", post="lxxxmx")
SET_UP_BUTTON = Row(get="lxxxmx", post="lxxxox")
ONES_OWN = Row(get="looooo", post="looooo")
# Who knows a lead's personal data may write down what they learn.
EDIT_OF_A_LEAD = Row(get="loooox", post="loooox", their_get="lxxoox", their_post="lxxoox")
EDIT_BUTTON = Row(get="lmmmmm", post="loooox", their_get="lmmmmm", their_post="lxxoox")
FILES = Row(get="lxxooo", post="lmmmmm")
FILES_EDIT = Row(get="lxxoox", post="lxxoox")
FILES_BUTTON = Row(get="lmmmmm", post="lxxoox")

TABLE: dict[str, Row] = {
    # Nobody is sent on to the sign-in.
    "home": Row(get="looooo", post="mmmmmm"),
    "health-live": Row(get="oooooo", post="oooooo"),
    "health-ready": Row(get="oooooo", post="oooooo"),
    # There is no such page outside a demo.
    "demo-sign-in": Row(get="mmmmmm", post="xxxxxx"),
    "favicon": ANYBODY,
    "set_language": Row(get="oooooo", post="oooooo"),
    "javascript-catalog": ANYBODY,
    "leads": PAGE,
    "lead": OF_A_LEAD,
    "lead-score": OF_A_LEAD,
    "lead-card": OF_A_LEAD,
    "lead-next": OF_A_LEAD,
    "lead-timeline": OF_A_LEAD,
    "lead-history": OF_A_LEAD,
    "lead-colleagues": OF_A_LEAD,
    "lead-handoff": OF_A_LEAD,
    "run-progress": PAGE,
    "queue": PAGE,
    "queue-rows": PAGE,
    "handoff-reject": Row(get="looxxx", post="looxxx", their_get="lxxxxx", their_post="lxxxxx"),
    "handoff-claim": DECISION,
    "handoff-release": DECISION,
    "handoff-accept": DECISION,
    # Whom they lead to exists already: the link is dead for everybody.
    "set-up": Row(get="xxxxxx", post="xxxxxx"),
    "first-run": SET_UP,
    "first-run-arrivals": SET_UP,
    "first-run-scores": SET_UP,
    "first-run-handoffs": SET_UP,
    "first-run-preset": SET_UP,
    "first-run-step": Row(get="lxxxox", post="lxxxox"),
    "first-run-dismiss": SET_UP_BUTTON,
    "first-run-key": SET_UP_BUTTON,
    "first-run-demo": SET_UP_BUTTON,
    "first-run-skip": SET_UP_BUTTON,
    # Pages for those who build pages, in debug only.
    "styleguide": Row(get="xxxxxx", post="mmmmmm"),
    "styleguide-part": Row(get="xxxxxx", post="mmmmmm"),
    "styleguide-waiting": Row(get="xxxxxx", post="mmmmmm"),
    "people": Row(get="lxoxoo", post="mmmmmm"),
    "teams": Row(get="lxxxox", post="lxxxox"),
    "person": Row(get="lxoxoo", post="lxoxox", their_get="lxxxoo", their_post="lxxxox"),
    "person-invite": Row(get="lxxxox", post="lxxxox"),
    "person-invite-again": Row(get="mmmmmm", post="lxxxox", their_get="mmmmmm", their_post="lxxxox"),
    "person-invite-revoke": Row(get="mmmmmm", post="lxxxox", their_get="mmmmmm", their_post="lxxxox"),
    "person-second-factor": Row(get="mmmmmm", post="lxxxox", their_get="mmmmmm", their_post="lxxxox"),
    "person-leave": Row(get="lxxxox", post="lxxxox", their_get="lxxxox", their_post="lxxxox"),
    # The link is the right; a wrong one says so to anybody.
    "invitation": Row(get="xxxxxx", post="xxxxxx"),
    "profile": ONES_OWN,
    "second-factor-done": PAGE,
    "notifications": PAGE,
    "notification-bell": PAGE,
    "notifications-read": Row(get="lmmmmm", post="looooo"),
    # Of the rep's own; nobody opens another's.
    "notification-open": Row(get="lmmmmm", post="loxxxx", their_get="lmmmmm", their_post="lxxxxx"),
    "keys": Row(get="lxoxoo", post="mmmmmm"),
    "key-new": Row(get="lxoxox", post="lxoxox"),
    "key-revoke": Row(get="lxoxox", post="lxoxox", their_get="lxxxox", their_post="lxxxox"),
    "audit": Row(get="lxxxoo", post="mmmmmm"),
    "audit-export": Row(get="mmmmmm", post="lxxxoo"),
    "saved-view-create": Row(get="lmmmmm", post="looooo"),
    "saved-view-start": Row(get="lmmmmm", post="looooo"),
    "saved-view-columns": Row(get="lmmmmm", post="looooo"),
    "saved-view-change": Row(get="lmmmmm", post="loxxxx", their_get="lmmmmm", their_post="lxxxxx"),
    "saved-view-delete": Row(get="lmmmmm", post="loxxxx", their_get="lmmmmm", their_post="lxxxxx"),
    "saved-view-copy": Row(get="lmmmmm", post="loxxxx", their_get="lmmmmm", their_post="lxxxxx"),
    "leads-export": Row(get="lmmmmm", post="looooo"),
    "lead-facts": OF_A_LEAD,
    "lead-facts-edit": EDIT_OF_A_LEAD,
    "lead-pending": OF_A_LEAD,
    "lead-facts-history": OF_A_LEAD,
    "lead-facts-restore": EDIT_BUTTON,
    "lead-notes": EDIT_OF_A_LEAD,
    # The rep's own note: everybody who sees it may pin it, only its author writes in it, an administrator may take it away.
    "note": Row(get="loxxxx", post="loxxxx", their_get="lxxxxx", their_post="lxxxxx"),
    "note-delete": Row(get="lmmmmm", post="loxxox", their_get="lmmmmm", their_post="lxxxox"),
    "note-pin": EDIT_BUTTON,
    "companies": PAGE,
    "company-options": PAGE,
    "company": OF_A_LEAD,
    "company-history": OF_A_LEAD,
    "company-edit": EDIT_OF_A_LEAD,
    "company-parent": EDIT_BUTTON,
    # Moves every lead of the company, so only who sees them all.
    "company-merge": Row(get="lxxoox", post="lxxoox", their_get="lxxoox", their_post="lxxoox"),
    "duplicates": Row(get="lxooox", post="lmmmmm"),
    "merges": Row(get="lxooox", post="lmmmmm"),
    "lead-merge": Row(get="lxooox", post="lxooox", their_get="lxxoox", their_post="lxxoox"),
    "duplicates-look": Row(get="lmmmmm", post="lxooox"),
    "duplicate-different": Row(get="lmmmmm", post="lxooox", their_get="lmmmmm", their_post="lxxoox"),
    "duplicate-again": Row(get="lmmmmm", post="lxooox", their_get="lmmmmm", their_post="lxxoox"),
    "merge-undo": Row(get="lmmmmm", post="lxooox", their_get="lmmmmm", their_post="lxxoox"),
    "excluded": PAGE,
    "excluded-group": OF_A_LEAD,
    "excluded-mark": FILES_BUTTON,
    "company-people": OF_A_LEAD,
    "imports": FILES,
    "import": FILES,
    "import-progress": FILES,
    "import-new": FILES_EDIT,
    "import-mapping": FILES_EDIT,
    "import-start": FILES_EDIT,
    "import-stop": FILES_BUTTON,
    "import-undo": FILES_BUTTON,
    # The rows are people's data as it came.
    "import-rejections": Row(get="lxxoox", post="lmmmmm"),
    "saved-mappings": Row(get="lxxoox", post="lmmmmm"),
    "saved-mapping-delete": FILES_BUTTON,
    "import-handoffs": Row(get="lxoooo", post="lmmmmm"),
    "import-handoffs-release": Row(get="lmmmmm", post="lxooox"),
    "version-handoffs": Row(get="lxoooo", post="lmmmmm"),
    "version-handoffs-release": Row(get="lmmmmm", post="lxooox"),
    # Counts about a matrix, for whoever reads matrices.
    "publication-baseline": Row(get="lxoooo", post="lxmmmm"),
    "workbench-load": Row(get="lxoooo", post="lxmmmm"),
    "workbench-outcomes": Row(get="lxoooo", post="lxmmmm"),
    "shadow-fates": Row(get="lxoooo", post="lxmmmm"),
}


def routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """(name, route) of every page."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if route.startswith(ELSEWHERE):
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name), route


ROUTES = dict(routes(get_resolver().url_patterns))
OURS = {name: route for name, route in ROUTES.items() if not route.startswith("accounts/")}


def test_the_table_names_every_address_and_no_other() -> None:
    assert sorted(TABLE) == sorted(OURS)


@dataclass(frozen=True, kw_only=True)
class Team2:
    """One team's people by role, and things of theirs by what the addresses call them."""

    people: dict[Role, User]
    things: dict[str, Any]


@pytest.fixture(scope="module")
def teams(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Team2, Team2]]:
    """Two teams with one of everything each, made once: what a test does to them is rolled back after it."""
    with django_db_blocker.unblock(), time_machine.travel(NOON, tick=False), transaction.atomic():
        yield _teams()
        transaction.set_rollback(True)


def _teams() -> tuple[Team2, Team2]:
    world = World()
    version = world.publish()
    Shadow.objects.create(version=version, started_by=world.admin, checksum=version.checksum)
    made = [_people(name) for name in ("North", "South")]
    owners = [people[Role.REP] for people in made]
    leads = [
        world.lead(f"vera@{team}.example", first_name="Vera", title="VP Sales", country="DE", owner=owner.email)
        for team, owner in zip(("north", "south"), owners, strict=True)
    ]
    for lead in leads:
        world.send(lead, "demo_request")
    world.settle()
    handoffs_reconcile()
    return tuple(Team2(people=people, things=_things(lead, people)) for people, lead in zip(made, leads, strict=True))


def _people(name: str) -> dict[Role, User]:
    team = Team.objects.create(name=name)
    return {
        role: User.objects.create(
            email=f"{role}@{name}.example".lower(),
            name=f"{role} {name}",
            role=role,
            team=team,
            weekly_capacity=40 if role is Role.REP else 0,
        )
        for role in WHO
        if role is not None
    }


def _things(lead: Lead, people: dict[Role, User]) -> dict[str, Any]:
    """By the first word of the address: one thing of each kind that belongs to the team's rep, or to nobody's team."""
    rep = people[Role.REP]
    twin, third = (
        Lead.objects.create(
            first_name="Vera", last_name=name, owner=rep, email=f"{name}@{rep.email}", email_key=name + rep.email
        )
        for name in ("twin", "third")
    )
    machine = Activity.objects.create(
        feed="mail", message_id=f"m-{lead.pk}", lead=lead, kind="email_open", occurred_at=NOON, is_bot=True,
        bot_reason="user_agent",
    )  # fmt: skip
    brought = Import.objects.create(feed="fair", file_name="fair.csv", size=9, digest="0" * 64)
    ImportRejection.objects.create(import_run=brought, line=2, code="bad", detail="Bad.", cells=["x"])
    note = note_add(lead_id=lead.pk, text="Call on Monday.", by=rep)
    change = FactChange.objects.create(
        subject_type="lead", subject_id=lead.pk, field="title", before="CEO", after="VP Sales",
        valid_at=NOON, recorded_at=NOON,
    )  # fmt: skip
    return {
        "leads": lead.pk,
        "change": change.pk,
        "handoffs": Handoff.objects.get(lead=lead).pk,
        "companies": lead.company_id,
        "other": Company.objects.create(name=f"Second of {rep.name}").pk,
        "notes": note.pk,
        "people": rep.pk,
        "notifications": Notification.objects.create(user=rep, kind="import_done", url="/leads/").pk,
        "keys": api_key_create(name="Form", feed="form", scopes=["activities:write"], by=people[Role.SALES_MANAGER])[
            0
        ].pk,
        "views": SavedView.objects.create(user=rep, page="leads", name="Mine").pk,
        "imports": brought.pk,
        "duplicates": PossibleDuplicate.objects.create(first=lead, second=twin, reason="name").pk,
        "merges": leads_merge(survivor_id=lead.pk, merged_id=third.pk).pk,
        "twin": twin.pk,
        "machine": machine.pk,
        # Nobody's team's.
        "versions": MatrixVersion.objects.get().pk,
        "workbench": MatrixVersion.objects.get().pk,
        "shadows": Shadow.objects.get().pk,
        "saved": SavedMapping.objects.create(name=f"Of {rep.name}", about="leads").pk,
    }


# What an address names besides the thing.
WORDS = {
    "slug:step": "company",
    "first-run/presets/": "b2b_saas",
    "slug:page": "leads",
    "slug:part": "person",
    "str:token": "no-such-token",
}


def answer(who: User | None, method: str, name: str, things: dict[str, Any]) -> str:
    """The letter of what somebody gets."""
    client = Client(raise_request_exception=True)
    if who is not None:
        client.force_login(who)
    asked = {key: things.get(value, value) for key, value in ASKED.get(name, {}).items()}
    send = {"GET": client.get, "POST": client.post}.get(method)
    response = send(address(name, things), asked) if send else client.generic(method, address(name, things))
    return letter(response)


def address(name: str, things: dict[str, Any]) -> str:
    route = OURS[name]
    return reverse(name, args=[_argument(route, each, things) for each in re.findall(r"<(.+?)>", route)])


def _argument(route: str, argument: str, things: dict[str, Any]) -> Any:
    """What stands for one `<type:name>` of a route: a thing by the route's first word or its own name, or a word."""
    kind, name = argument.split(":")
    if kind == "int":
        # The last word of the address before the number that names a kind of thing.
        kinds = [word for word in route.split("<int:pk>")[0].split("/") if word in things]
        return things.get(name) or things.get(kinds[-1] if kinds else "", 1)
    return next(word for key, word in WORDS.items() if key == argument or route.startswith(key))


# What some pages are asked about besides their address: a thing by its name, or a word as it is.
ASKED = {
    "lead-merge": {
        "first": "leads", "second": "twin", "survivor": "leads", "merged": "twin",
        "survivor_revision": "1", "merged_revision": "1",
    },
    "excluded-group": {"reason": "user_agent", "day": "2026-03-03", "lead": "leads"},
    "excluded-mark": {"says": "person", "activity": "machine"},
}  # fmt: skip


def letter(response: HttpResponse) -> str:
    if response.status_code in {301, 302, 303}:
        return "l" if response["Location"].startswith("/accounts/login/") else "o"
    if response.status_code in {403, 404, 410}:
        return "x"
    return "m" if response.status_code == 405 else "o" if response.status_code < 500 else "!"


def walked(teams: tuple[Team2, Team2], method: str, name: str, of: int) -> str:
    """Everybody of the first team, at a thing of the team numbered `of`."""
    letters = ""
    for role in WHO:
        who = teams[0].people[role] if role is not None else None
        # What one of them does, the next must not meet.
        point = transaction.savepoint()
        letters += answer(who, method, name, teams[of].things)
        transaction.savepoint_rollback(point)
    return letters


@pytest.mark.parametrize("name", sorted(TABLE))
def test_everybody_meets_what_the_table_says(teams: tuple[Team2, Team2], name: str) -> None:
    row = TABLE[name]
    expected = {("GET", 0): row.get, ("POST", 0): row.post, ("GET", 1): row.their_get, ("POST", 1): row.their_post}
    found = {(method, of): walked(teams, method, name, of) for (method, of), letters in expected.items() if letters}
    assert found == {key: letters for key, letters in expected.items() if letters}, f"{name}: {found}"


@pytest.mark.parametrize("name", sorted(TABLE))
def test_no_page_answers_to_methods_it_does_not_have(teams: tuple[Team2, Team2], name: str) -> None:
    ada = teams[0].people[Role.ADMINISTRATOR]
    for method in ("PUT", "PATCH", "DELETE"):
        assert answer(ada, method, name, teams[0].things) in {"m", "x"} | HAS_NO_METHOD_CHECK.get(name, set())


# Django's own views that answer every method alike and change nothing by it.
HAS_NO_METHOD_CHECK = {"health-live": {"o"}, "health-ready": {"o"}, "set_language": {"o"}}
