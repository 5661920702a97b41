"""A publication over a hundred thousand leads goes on wherever its workers are killed, with events coming in all the while."""

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.prove.house import House, house
from tests.prove.test_crash import _post

pytestmark = pytest.mark.prove

LEADS, ACTIVITIES, KILLS = 100_000, 5, 3
# Of the ranges of the run, how many parts are done when its workers are killed.
KILLED_AT = (0.1, 0.35, 0.6)
WORKERS = ("worker", "sweeper")
EVENTS_AT_ONCE = 20
FILL = f"""
import random
from datetime import UTC, datetime, timedelta
from accounts.models import Role, Scope, User
from accounts.services import api_key_create
from crm.models import Activity, Company, Lead
from scoring.presets import preset_document
from scoring.services.matrices import model_create, version_create
from scoring.services.publication import version_publish
chance, now = random.Random(7), datetime.now(UTC)
ada = User.objects.create_user('ada@ours.example', name='Ada', role=Role.ADMINISTRATOR)
firms = Company.objects.bulk_create(
    [Company(name=f'Firm {{n}}', domain=f'firm{{n}}.example', employees=5 + n) for n in range(2_000)]
)
kinds = ['page_view'] * 30 + ['download', 'email_click', 'email_open', 'webinar_attend', 'unsubscribe']
pages = ['/pricing', '/docs/start', '/careers', '/blog/one', '/product']
number = 0
for start in range(0, {LEADS}, 5_000):
    leads = Lead.objects.bulk_create(
        Lead(
            email=f'p{{n}}@firm{{n % 2_000}}.example', email_key=f'p{{n}}@firm{{n % 2_000}}.example',
            # Few are ready for sales: what is proven is the run, not what hand-offs then take.
            seniority='vp' if n % 50 == 0 else ('manager', '')[n % 2], country=('DE', 'PL', '')[n % 3],
            company=firms[n % 2_000],
        )
        for n in range(start, start + 5_000)
    )
    rows = []
    for lead in leads:
        for _ in range({ACTIVITIES}):
            number += 1
            kind = chance.choice(kinds)
            rows.append(
                Activity(
                    lead=lead, feed='web', message_id=str(number), kind=kind,
                    url=chance.choice(pages) if kind == 'page_view' else '',
                    occurred_at=now - timedelta(days=chance.expovariate(1 / 30)),
                )
            )
    Activity.objects.bulk_create(rows, batch_size=5_000)
model = model_create(slug='default', name='Default', by=ada)
version = version_create(model=model, document=preset_document('b2b_saas'), by=ada)
version_publish(version_id=version.pk, by=ada, reason='The proof begins', quiet=True)
print('SECRET', api_key_create(name='Proof', feed='proof', scopes=[Scope.CRM_SYNC])[1])
"""
PUBLISH = """
from accounts.models import User
from scoring.models import MatrixVersion, ScoringModel
from scoring.services.matrices import version_create
from scoring.services.publication import version_publish
model = ScoringModel.objects.get()
# Its examples say what the points were meant to make.
document = {**model.active_version.document, 'examples': []}
document['criteria'] = [{**each, 'points': each['points'] + 3} if 'points' in each else each for each in document['criteria']]
ada = User.objects.get(email='ada@ours.example')
version = version_create(model=model, document=document, by=ada)
version_publish(version_id=version.pk, by=ada, reason='The proof', quiet=True)
"""
RUN = "SELECT id FROM scoring_run ORDER BY id DESC LIMIT 1"
DONE = f"SELECT count(done_at)::float / count(*) FROM scoring_runrange WHERE run_id = ({RUN})"
# Each change begins where the one before it ended.
BROKEN_HISTORY = """
SELECT count(*) FROM (
    SELECT before - 'version' - 'as_of' AS begins,
           lag(after) OVER (PARTITION BY model_id, lead_id ORDER BY id) - 'version' - 'as_of' AS ended
    FROM scoring_scorechange
) AS each WHERE begins IS DISTINCT FROM ended
"""


@pytest.fixture
def proof(tmp_path: Path) -> Any:
    with house(tmp_path) as made:
        yield made


def test_a_publication_resumes_after_every_kill(proof: House) -> None:
    printed = proof.manage("shell", "--no-imports", "-c", FILL).stdout
    secret = next(line.split()[1] for line in printed.splitlines() if line.startswith("SECRET"))
    for program in ("web", *WORKERS):
        proof.start(program)
    proof.wait_for_web()
    proof.wait_until_none("SELECT count(*) FROM scoring_run WHERE finished_at IS NULL", 300)
    assert proof.rows("SELECT count(*) FROM scoring_score") == [(LEADS,)]

    is_over = threading.Event()
    sent: list[int] = []
    events = threading.Thread(target=_send, args=(proof, secret, is_over, sent))
    events.start()
    try:
        proof.manage("shell", "--no-imports", "-c", PUBLISH)
        killed_at = [_kill_at(proof, part) for part in KILLED_AT]
        proof.wait_until_none("SELECT count(*) FROM scoring_run WHERE finished_at IS NULL", 300)
    finally:
        is_over.set()
        events.join()
    assert len(killed_at) == KILLS
    assert sum(sent) > 0
    proof.wait_until_none("SELECT count(*) FROM crm_work", 180)
    ways = dict(proof.rows("SELECT way, count(*) FROM scoring_runrange GROUP BY way"))
    assert set(ways) == {"file"}
    changed = proof.rows(f"SELECT sum(changed) FROM scoring_runrange WHERE run_id = ({RUN})")[0][0]
    print(  # noqa: T201 - the figures of the proof
        f"killed at {killed_at}, {sum(sent)} events meanwhile, {changed} scores changed by the run, ranges by way {ways}"
    )
    assert proof.rows(BROKEN_HISTORY) == [(0,)]
    with ThreadPoolExecutor(2) as both:
        halves = list(
            both.map(lambda part: proof.manage("check_scores", "--all", "--part", part, check=False), ("1/2", "2/2"))
        )
    for checked in (*halves, proof.manage("check_scores", "--bulk", check=False)):
        print(checked.stdout)  # noqa: T201
        assert checked.returncode == 0, checked.stdout + checked.stderr


def _kill_at(proof: House, part: float) -> float:
    """Kill every worker as soon as this part of the run is done, and start them again; the part that was done."""
    end = time.monotonic() + 120
    while (done := float(str(proof.rows(DONE)[0][0]))) < part:
        assert time.monotonic() < end, f"After two minutes {done:.0%} of the run is done."
        time.sleep(0.02)
    for name in WORKERS:
        proof.kill(name)
    done = float(str(proof.rows(DONE)[0][0]))
    assert done < 1, "The run was over before its workers could be killed."
    for name in WORKERS:
        proof.start(name)
    return round(done, 2)


def _send(proof: House, secret: str, is_over: threading.Event, sent: list[int]) -> None:
    """Some two hundred events a second, until it is over."""
    chance = random.Random(11)
    leads = [int(str(row[0])) for row in proof.rows("SELECT id FROM crm_lead ORDER BY id")]
    while not is_over.is_set():
        items = [
            {
                "message_id": f"m{len(sent)}-{number}",
                "lead": {"id": chance.choice(leads)},
                "kind": chance.choice(["page_view"] * 9 + ["webinar_attend"]),
                "url": "/pricing",
                "occurred_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
            }
            for number in range(EVENTS_AT_ONCE)
        ]
        status, results = _post(proof.port, secret, "/api/v1/activities/batch", json.dumps({"activities": items}))
        if status == 200:
            assert all(each["status"] == "accepted" for each in results), results[:2]
            sent.append(len(items))
        time.sleep(0.1)
