"""Publications while activities stream in: who sends, who judges, and a check of what is stored in the middle of it."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from crm.models import Lead
from crm.services.activities import activities_record
from scoring.checking import Difference, scores_check
from scoring.models import MatrixVersion
from scoring.services.publication import version_publish
from scoring.services.rescoring import work_drain
from scoring.services.runs import runs_drain
from tests.scoring.world import World, changed

KINDS = ["page_view"] * 6 + ["demo_request", "download"]


def publications_while_streaming(world: World, leads: Sequence[Lead], *, publications: int, between: int) -> int:
    """Publish so many versions, each after at least `between` further activities came in, and look in between that every
    score is what the engine says under the score's own version. Answers how many activities came in."""
    stop, came = threading.Event(), threading.Semaphore(0)
    sent = 0

    def stream() -> int:
        chance, number = random.Random(7), 0
        try:
            while not stop.is_set():
                number += 1
                item = _item(chance, leads, number)
                (result,) = activities_record(feed="web", items=[item])
                assert result.status == "accepted", result
                came.release()
        finally:
            connection.close()
        return number

    def judge() -> None:
        try:
            while not stop.is_set():
                work_drain(max_batches=3)
                runs_drain(max_ranges=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=3) as pool:
        others = [pool.submit(stream), pool.submit(judge), pool.submit(judge)]
        try:
            for number in range(publications):
                for _ in range(between):
                    assert came.acquire(timeout=120), "Nothing comes in any more."
                points = {"exec-title": 10 + number, "pricing-page": 5 + number % 7, "demo": 15 + number % 3}
                draft = world.draft(changed(points=points))
                version_publish(version_id=draft.pk, by=world.admin, reason="It goes on.")
                assert differences_now(leads) == []
        finally:
            stop.set()
        sent = others[0].result(120)
        for each in others[1:]:
            each.result(120)
    return sent


def differences_now(leads: Sequence[Lead]) -> list[Difference]:
    """What differs from the engine at one moment, while others go on writing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return scores_check(only=[lead.pk for lead in leads]).differences


def all_of_the_last(world: World, leads: Sequence[Lead]) -> list[Difference]:
    """At rest: every score as the engine says, and none older than the last publication."""
    world.settle()
    world.model.refresh_from_db()
    last = MatrixVersion.objects.filter(model=world.model).order_by("-number").first()
    assert last is not None
    assert world.model.active_version_id == last.pk
    return world.differences(*leads)


def _item(chance: random.Random, leads: Sequence[Lead], number: int) -> dict[str, Any]:
    kind = chance.choice(KINDS)
    return {
        "message_id": f"s{number}",
        "lead": {"id": chance.choice(leads).pk},
        "kind": kind,
        "occurred_at": timezone.now().isoformat(),
        **({"url": "https://ours.example/pricing"} if kind == "page_view" else {}),
    }
