"""Acknowledged is stored, once, and scored right, whatever is killed meanwhile."""

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.prove.house import House, house

pytestmark = pytest.mark.prove

ACTIVITIES, LEADS, CLIENTS, BATCH, REPLAYED = 20_000, 1_500, 4, 100, 0.15
KILLS, FLUSHES = 10, 2
KINDS = (
    ("page_view", {"url": "/pricing"}),
    ("page_view", {"url": "/docs/start"}),
    ("page_view", {"url": "/careers"}),
    ("download", {"subject": "Guide"}),
    ("email_click", {"subject": "News"}),
    ("webinar_attend", {"subject": "Live"}),
    ("demo_request", {"subject": "Demo"}),
    ("unsubscribe", {}),
)
UNREST = """
SELECT count(*) FROM (
    SELECT s.lead_id FROM scoring_score s JOIN crm_lead l ON l.id = s.lead_id AND l.merged_into_id IS NULL
    WHERE s.is_qualified GROUP BY s.lead_id
) AS qualified
WHERE (SELECT count(*) FROM handoff_handoff h WHERE h.lead_id = qualified.lead_id AND h.closed_at IS NULL)
    + (SELECT count(*) FROM handoff_suppression p WHERE p.lead_id = qualified.lead_id) <> 1
"""
DOUBLE = """
SELECT count(*) FROM (SELECT lead_id FROM handoff_handoff WHERE closed_at IS NULL GROUP BY lead_id HAVING count(*) > 1) AS d
"""


@pytest.fixture
def proof(tmp_path: Path) -> Any:
    with house(tmp_path) as made:
        yield made


def test_twenty_thousand_activities_survive_ten_kills_and_two_flushes(proof: House) -> None:
    secret = _set_up(proof)
    for program in ("web", "worker", "sweeper"):
        proof.start(program)
    proof.wait_for_web()
    _send_leads(proof.port, secret)
    rng = random.Random(20_260_303)
    batches = _batches(rng)
    acknowledged: set[str] = set()
    clients = [
        threading.Thread(target=_post_all, args=(proof.port, secret, batches[number::CLIENTS], acknowledged))
        for number in range(CLIENTS)
    ]
    for each in clients:
        each.start()
    broken = redis.Redis.from_url(proof.redis_url)
    done = {"kills": 0, "flushes": 0}
    while any(each.is_alive() for each in clients) or done["kills"] < KILLS:
        time.sleep(rng.uniform(0.5, 1.5))
        proof.kill("worker")
        done["kills"] += 1
        proof.start("worker")
        if done["kills"] % 4 == 0 and done["flushes"] < FLUSHES:
            broken.flushdb()
            done["flushes"] += 1
    for each in clients:
        each.join()
    assert done["kills"] >= KILLS
    assert done["flushes"] == FLUSHES

    stored = [str(row[0]) for row in proof.rows("SELECT message_id FROM crm_activity WHERE feed = 'proof'")]
    assert len(acknowledged) == ACTIVITIES
    assert len(stored) == len(set(stored))
    assert set(stored) == acknowledged
    proof.wait_until_none("SELECT count(*) FROM crm_work", 180)
    proof.wait_until_none("SELECT count(*) FROM scoring_run WHERE finished_at IS NULL", 60)
    proof.wait_until_none(UNREST, 60)
    assert proof.rows(DOUBLE) == [(0,)]
    assert int(str(proof.rows("SELECT count(*) FROM handoff_handoff")[0][0])) > 0
    checked = proof.manage("check_scores", "--all", check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _set_up(proof: House) -> str:
    """A published preset, reps, and a key; its secret."""
    script = (
        "from accounts.models import Role, Scope, Team, User\n"
        "from accounts.services import api_key_create\n"
        "from scoring.presets import preset_document\n"
        "from scoring.services.matrices import model_create, version_create\n"
        "from scoring.services.publication import version_publish\n"
        "team = Team.objects.create(name='Sales')\n"
        "for n in range(3):\n"
        "    User.objects.create_user(f'rep{n}@ours.example', name=f'Rep {n}', role=Role.REP, team=team, weekly_capacity=40)\n"
        "ada = User.objects.create_user('ada@ours.example', name='Ada', role=Role.ADMINISTRATOR)\n"
        "model = model_create(slug='default', name='Default', by=ada)\n"
        "version = version_create(model=model, document=preset_document('b2b_saas'), by=ada)\n"
        "version_publish(version_id=version.pk, by=ada, reason='The proof begins')\n"
        "print('SECRET', api_key_create(name='Proof', feed='proof', scopes=[Scope.CRM_SYNC])[1])\n"
    )
    printed = proof.manage("shell", "--no-imports", "-c", script).stdout
    return next(line.split()[1] for line in printed.splitlines() if line.startswith("SECRET"))


def _send_leads(port: int, secret: str) -> None:
    """Who they are: every third would qualify if it did enough."""
    leads = [
        {
            "external_id": f"lead-{who}",
            "email": f"lead{who}@firm{who % 300}.example",
            "title": ("VP Sales", "Consultant", "Marketing Manager")[who % 3],
            "company": {"domain": f"firm{who % 300}.example", "name": f"Firm {who % 300}", "employees": 20 + who % 300},
        }
        for who in range(LEADS)
    ]
    for start in range(0, LEADS, BATCH):
        body = json.dumps({"leads": leads[start : start + BATCH]})
        status, answer = _post(port, secret, "/api/v1/leads/batch", body)
        assert status == 200, answer


def _batches(rng: random.Random) -> list[list[dict[str, object]]]:
    """Every activity once, in batches, with replays of earlier ones strewn among them."""
    now = datetime.now(UTC)
    items: list[dict[str, object]] = []
    for number in range(ACTIVITIES):
        kind, fields = rng.choice(KINDS)
        who = min(LEADS - 1, int(LEADS * rng.random() ** 2))
        when = now - timedelta(days=rng.expovariate(1 / 20), minutes=number % 60)
        items.append(
            {
                "message_id": f"m{number}",
                "lead": {"external_id": f"lead-{who}"},
                "kind": kind,
                "occurred_at": when.isoformat(),
                **fields,
            }
        )
    sent: list[dict[str, object]] = []
    for number, item in enumerate(items):
        sent.append(item)
        if number and rng.random() < REPLAYED:
            sent.append(items[rng.randrange(number)])
    return [sent[start : start + BATCH] for start in range(0, len(sent), BATCH)]


def _post_all(port: int, secret: str, batches: Sequence[Sequence[dict[str, object]]], acknowledged: set[str]) -> None:
    """Send each batch until it is answered, as a careful client does; one answer in ten is lost and sent again."""
    rng = random.Random(port)
    for batch in batches:
        body = json.dumps({"activities": list(batch)})
        for _attempt in range(60):
            status, results = _post(port, secret, "/api/v1/activities/batch", body)
            if status is None or status >= 500 or rng.random() < 0.1:
                time.sleep(0.05)
                continue
            wrong = [each for each in results if each["status"] not in {"accepted", "duplicate"}]
            assert not wrong, wrong[:3]
            acknowledged.update(str(item["message_id"]) for item in batch)
            break


def _post(port: int, secret: str, address: str, body: str) -> tuple[int | None, list[dict[str, Any]]]:
    """The status and the results; no status where nothing was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        connection.request("POST", address, body, headers)
        response = connection.getresponse()
        answer = response.read()
        return response.status, json.loads(answer).get("results", [json.loads(answer)])
    except OSError:
        return None, []
    finally:
        connection.close()
