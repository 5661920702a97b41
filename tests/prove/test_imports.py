"""A file brought through the page goes in once and comes out whole, whatever is killed meanwhile."""

import csv
import http.client
import io
import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import redis

from tests.prove.house import House, house

pytestmark = pytest.mark.prove

ROWS, KNOWN, BAD_EVERY, DEMO_EVERY = 20_000, 1_000, 97, 5
KILLS, UNDO_KILLS = 5, 2
CSRF = "c" * 32
SET_UP = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from accounts.models import Role, User
from crm.services.leads import leads_upsert_many
from scoring.presets import preset_document
from scoring.services.matrices import model_create, version_create
from scoring.services.publication import version_publish
ada = User.objects.create_user('ada@ours.example', name='Ada', role=Role.ADMINISTRATOR)
mark = User.objects.create_user('mark@ours.example', name='Mark', role=Role.MARKETER)
model = model_create(slug='default', name='Default', by=ada)
version = version_create(model=model, document=preset_document('b2b_saas'), by=ada)
version_publish(version_id=version.pk, by=ada, reason='The proof begins')
leads_upsert_many(feed='crm', items=[
    {'external_id': f'k{n}', 'email': f'p{n}@firm{n % 300}.example', 'title': 'Assistant',
     'company': {'domain': f'firm{n % 300}.example', 'name': f'Firm {n % 300}', 'employees': 7}}
    for n in range(KNOWN)
])
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(mark.pk), settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = mark.get_session_auth_hash()
session.create()
print('SESSION', session.session_key)
"""
# All that an undo has to give back; the history of what was so in between stays, and a row knows that it was written.
FACTS = (
    "SELECT (to_jsonb(l) - 'revision' - 'updated_at')::text FROM crm_lead l ORDER BY id",
    "SELECT (to_jsonb(c) - 'updated_at')::text FROM crm_company c ORDER BY id",
    "SELECT to_jsonb(a)::text FROM crm_activity a ORDER BY id",
    "SELECT to_jsonb(e)::text FROM crm_externalid e ORDER BY id",
)


@pytest.fixture
def proof(tmp_path: Path) -> Any:
    with house(tmp_path) as made:
        yield made


def test_twenty_thousand_rows_survive_five_kills_and_an_undo_two(proof: House) -> None:
    printed = proof.manage("shell", "--no-imports", "-c", SET_UP.replace("KNOWN", str(KNOWN))).stdout
    session = next(line.split()[1] for line in printed.splitlines() if line.startswith("SESSION"))
    for program in ("web", "worker", "sweeper"):
        proof.start(program)
    proof.wait_for_web()
    proof.wait_until_none("SELECT count(*) FROM crm_work", 60)
    before = [proof.rows(statement) for statement in FACTS]
    browser = _Browser(port=proof.port, session=session)

    number = _brought(browser)
    _killed(proof, KILLS, lambda: _one(proof, "SELECT rows_done FROM crm_import"), up_to=ROWS - 1_000)
    proof.wait_until_none("SELECT count(*) FROM crm_import WHERE state <> 'done'", 180)

    bad = [row for row in range(ROWS) if _is_bad(row)]
    good = ROWS - len(bad)
    demos = sum(not _is_bad(row) for row in range(0, ROWS, DEMO_EVERY))
    assert _one(proof, "SELECT rows_done FROM crm_import") == ROWS
    ids = [str(row[0]) for row in proof.rows("SELECT external_id FROM crm_externalid WHERE feed = 'fair'")]
    assert sorted(ids) == sorted(f"id-{row}" for row in range(ROWS) if not _is_bad(row))
    assert _one(proof, "SELECT count(*) FROM crm_lead") == good + sum(_is_bad(row) for row in range(KNOWN))
    assert _one(proof, "SELECT count(*) FROM crm_activity") == demos
    assert _one(proof, "SELECT count(DISTINCT lead_id) FROM crm_activity WHERE kind = 'demo_request'") == demos
    lines = [row[0] for row in proof.rows("SELECT line FROM crm_importrejection ORDER BY line")]
    # The header is the first line.
    assert lines == [row + 2 for row in bad]
    known = sum(not _is_bad(row) for row in range(KNOWN))
    told = {"new leads": good - known, "updated": known, "activities recorded": demos, "did not go in": len(bad)}
    assert _shown(browser.get(f"/imports/{number}/")) == told

    proof.wait_until_none("SELECT count(*) FROM crm_work", 240)
    checked = proof.manage("check_scores", "--all", check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    assert browser.post(f"/imports/{number}/undo/", {})[0] == 302
    total = good - known + demos + good
    undone = "SELECT COALESCE((undo_counts ->> 'done')::int, 0) FROM crm_import"
    _killed(proof, UNDO_KILLS, lambda: _one(proof, undone), up_to=total - 1_000)
    proof.wait_until_none("SELECT count(*) FROM crm_import WHERE state <> 'undone'", 180)

    for statement, rows in zip(FACTS, before, strict=True):
        assert proof.rows(statement) == rows, statement
    proof.wait_until_none("SELECT count(*) FROM crm_work", 60)
    checked = proof.manage("check_scores", "--all", check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _is_bad(row: int) -> bool:
    return row % BAD_EVERY == BAD_EVERY - 1


def _file() -> bytes:
    """The first rows are people we know, by other titles and sizes; some rows say of nobody."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Id", "Mail", "First name", "Last name", "Title", "Company", "Employees", "Wants demo on"])
    for row in range(ROWS):
        firm, demo = row % 300, f"2026-0{row % 8 + 1}-{row % 28 + 1:02}" if row % DEMO_EVERY == 0 else ""
        who = ["", ""] if _is_bad(row) else [f"id-{row}", f"p{row}@firm{firm}.example"]
        title = ("VP Sales", "Consultant", "Marketing Manager")[row % 3]
        writer.writerow([*who, "Ann", f"Lee {row}", title, f"Firm {firm}", 20 + firm, demo])
    return text.getvalue().encode()


def _brought(browser: "_Browser") -> int:
    """Uploaded, mapped as suggested but for the demos, and started: the number of the import."""
    status, place, _page = browser.upload("/imports/new/", "fair.csv", _file())
    assert status == 302, _page
    form = _Form(browser.get(place), having="was_about")
    fields = {**form.fields, "feed": "fair", "do": "next", "to-7": "happened:demo_request"}
    status, start, page = browser.post(place, fields)
    assert status == 302, page
    browser.get(start)
    status, result, page = browser.post(start, {"handoffs": "quiet"})
    assert status == 302, page
    return int(result.strip("/").rpartition("/")[2])


def _killed(proof: House, kills: int, progress: Callable[[], int], *, up_to: int) -> None:
    """Whoever may run it is killed once it has come a little further, and found dead without waiting the minute."""
    broken = redis.Redis.from_url(proof.redis_url)
    for kill in range(kills):
        reached = up_to * (kill + 1) // (kills + 2)
        end = time.monotonic() + 120
        while progress() < reached:
            assert time.monotonic() < end, f"It stands still at {progress()}."
            time.sleep(0.05)
        for program in ("worker", "sweeper"):
            proof.kill(program)
        if kill == 1:
            broken.flushdb()
        assert progress() < up_to, "It was done before it was killed: the file is too small."
        proof.execute("UPDATE crm_import SET heartbeat_at = heartbeat_at - interval '1 hour'")
        for program in ("worker", "sweeper"):
            proof.start(program)


def _one(proof: House, statement: str) -> int:
    return int(str(proof.rows(statement)[0][0]))


def _shown(page: str) -> dict[str, int]:
    found = re.findall(r"<dt[^>]*>([^<]+)</dt>\s*<dd[^>]*>\s*([\d,]+)\s*</dd>", page)
    return {label.strip(): int(number.replace(",", "")) for label, number in found}


class _Browser:
    """Somebody signed in."""

    def __init__(self, *, port: int, session: str) -> None:
        self.port = port
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}

    def get(self, address: str) -> str:
        status, _place, page = self._ask("GET", address)
        assert status == 200, (address, status, page[:500])
        return page

    def post(self, address: str, fields: dict[str, str]) -> tuple[int, str, str]:
        return self._ask("POST", address, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def upload(self, address: str, name: str, content: bytes) -> tuple[int, str, str]:
        head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        body = head.encode() + content + b"\r\n--edge--\r\n"
        return self._ask("POST", address, body, "multipart/form-data; boundary=edge")

    def _ask(self, method: str, address: str, body: bytes | None = None, kind: str = "") -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, address, body, {**self.headers, **({"Content-Type": kind} if kind else {})})
            response = connection.getresponse()
            return response.status, response.getheader("Location", ""), response.read().decode()
        finally:
            connection.close()


class _Form(HTMLParser):
    """What a form of a page would send as it stands; of several, the one that has a field of this name."""

    def __init__(self, page: str, *, having: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = [{}]
        self.select = ""
        self.feed(page)
        self.fields = next(form for form in self.forms if having in form)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value, fields = said.get("name") or "", said.get("value") or "", self.forms[-1]
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in said or self.select not in fields):
            fields[self.select] = value
        elif tag == "input" and name and (said.get("type") not in {"radio", "checkbox"} or "checked" in said):
            fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
