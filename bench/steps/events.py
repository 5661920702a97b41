"""The event path: stored bare and by the service; scored by drained work and by a task for each event."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import numpy as np
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.extras import execute_values

from bench.figures import Figure, seconds
from bench.processes import Program
from bench.progress import say
from bench.scale import SEED, Scale
from bench.sending import Item, events_of
from bench.task_per_event import COUNTER, QUEUE, judge
from bench.world import drained, model, workers_start
from crm.models import Lead, Work
from crm.services.activities import activities_record
from crm.services.work import work_delete

BATCH, SMALL, WARM = 500, 10, 16
FEED = "bench"
Leads = Callable[[int], list[int]]
#: More than any rate that is sent here: the limit of calls is not what is measured.
UNLIMITED = {"API_CALLS_PER_MINUTE": "1000000"}


def measure(scale: Scale) -> Sequence[Figure]:
    model()
    Work.objects.all().delete()
    chance = np.random.default_rng(SEED)
    alive = np.array(Lead.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
    # Some leads do most: the first ones of a shuffled row are drawn again and again.
    row = chance.permutation(alive)

    def leads(count: int) -> list[int]:
        return row[(len(row) * chance.random(count) ** 3).astype(int)].tolist()

    return _stored(scale, leads) + _scored(scale, leads)


def batches(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _stored(scale: Scale, leads: Leads) -> list[Figure]:
    """Events stored a second: by a bare INSERT and by the service."""
    items = events_of(leads(scale.events))
    bare = len(items) / seconds(lambda: _bare_insert(items))
    service = len(items) / seconds(
        lambda: [activities_record(feed=FEED, items=batch) for batch in batches(items, BATCH)]
    )
    say(f"Stored: bare {bare:,.0f}, service {service:,.0f} a second")
    return [
        rate_figure("events-bare", f"events, bare multi-row INSERT of {BATCH}", bare),
        rate_figure(
            "events-stored",
            f"events stored by the service, {BATCH} at once",
            service,
            note=f"{bare / service:.1f} × the bare cost",
        ),
    ]


def _bare_insert(items: Sequence[Item]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute(
            "CREATE TABLE bench_bare (feed text, message_id text, lead_id bigint, kind text, occurred_at timestamptz, url text,"
            " subject text, UNIQUE (feed, message_id))"
        )
        for batch in batches(items, BATCH):
            rows = [
                (
                    FEED,
                    each["message_id"],
                    each["lead"]["id"],
                    each["kind"],
                    each["occurred_at"],
                    each["url"],
                    each["subject"],
                )  # type: ignore[index]
                for each in batch
            ]
            with transaction.atomic():
                execute_values(cursor.cursor, "INSERT INTO bench_bare VALUES %s ON CONFLICT DO NOTHING", rows)
        cursor.execute("DROP TABLE bench_bare")


def _scored(scale: Scale, leads: Leads) -> list[Figure]:
    """Events scored a second from waiting work, by two processes that drain and by two that run a task for each event."""
    # What was stored for the last figure is in the way.
    with ExitStack() as stack:
        two = workers_start(stack, scale, 2)
        drained(two, scale, "work")
        drains = []
        for _ in range(scale.repeats):
            waiting = _wait_for(leads(scale.events))
            drains.append(len(waiting) / seconds(lambda: drained(two, scale, "work")))
    alone = _one_each(scale, leads(max(20, scale.events // 10)))
    times = sorted(drains)[len(drains) // 2] / alone
    say(f"Scored: drained {sorted(drains)[len(drains) // 2]:,.0f}, a task each {alone:,.0f} events a second")
    return [
        rate_figure("events-tasks", "events scored, one Celery task each, two processes", alone),
        rate_figure("events-drained", "events scored, drained by two processes", *drains),
        Figure(key="events-times", title="drained against a task for each event", unit="×", runs=[times]),
    ]


def _wait_for(lead_ids: Sequence[int]) -> list[int]:
    """Events of these leads stored and waiting; nothing rings, so that nobody else takes them."""
    for batch in batches(events_of(lead_ids), BATCH):
        activities_record(feed=FEED, items=batch)
    return list(lead_ids)


def _one_each(scale: Scale, lead_ids: Sequence[int]) -> float:
    _wait_for(lead_ids)
    ours = (
        *(
            "celery",
            "--app=leadscore",
            "worker",
            "--include=bench.task_per_event",
            "--loglevel=WARNING",
            "--without-gossip",
        ),
        *("--without-mingle", "--concurrency=2", f"--queues={QUEUE}", f"--hostname={QUEUE}@%h"),
    )
    with connection.cursor() as cursor, Program(ours, log=scale.folder / "log" / "task-per-event.log"):
        cursor.execute(f"DROP SEQUENCE IF EXISTS {COUNTER}; CREATE SEQUENCE {COUNTER}")
        # The first ones are for the two processes to get warm.
        _tasks_done(cursor, lead_ids[:WARM], already=0, scale=scale)
        took = seconds(lambda: _tasks_done(cursor, lead_ids, already=WARM, scale=scale))
        cursor.execute(f"DROP SEQUENCE {COUNTER}")
    work_delete(ids=list(Work.objects.values_list("pk", flat=True)))
    return len(lead_ids) / took


def _tasks_done(cursor: CursorWrapper, lead_ids: Sequence[int], *, already: int, scale: Scale) -> None:
    """Send a task for each lead and wait until all are done."""
    for lead_id in lead_ids:
        judge.apply_async(args=[lead_id], queue=QUEUE)
    end = time.monotonic() + scale.step_seconds
    while True:
        cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {COUNTER}")
        if cursor.fetchone()[0] >= already + len(lead_ids):
            return
        if time.monotonic() > end:
            raise SystemExit("The tasks of the events did not end; var/bench tells why in task-per-event.log.")
        time.sleep(0.02)


def rate_figure(key: str, title: str, *runs: float, note: str = "") -> Figure:
    return Figure(key=key, title=title, unit="a second", runs=list(runs), note=note)
