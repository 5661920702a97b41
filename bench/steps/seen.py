"""From the answer to an event over HTTP to its visible score, at steady rates; and how many events HTTP takes."""

import threading
import time
from collections.abc import Sequence

import numpy as np
from django.db import connection

from accounts.models import Scope
from accounts.services.keys import api_key_create
from bench.figures import Figure, percentile
from bench.processes import Program, free_port, port_wait
from bench.progress import say
from bench.scale import SEED, Scale
from bench.sending import Sender, events_of
from bench.steps.events import BATCH, FEED, batches, rate_figure
from bench.world import model
from crm.models import Lead, Work
from handoff.services.reconciling import handoffs_drain
from leadscore.embedded.commands import WEB, WORKER
from scoring.bell import ring

SMALL = 10
#: So many events may wait to be scored, in seconds of the rate at which they are sent: of more the senders wait.
MOST_BEHIND = 15
#: More events would not tell more of how many are taken and scored.
MOST_AT_ONCE = 10_000
#: How long what is sent may wait to be scored after the last was sent; what waits then counts as seen no sooner.
PATIENCE = 120
#: More than any rate that is sent here: the limit of calls is not what is measured.
UNLIMITED = {"API_CALLS_PER_MINUTE": "1000000"}


def measure(scale: Scale) -> Sequence[Figure]:
    """With the real web server and the real worker, as docker-compose.yml starts them."""
    model()
    chance = np.random.default_rng(SEED)
    alive = np.array(Lead.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
    _at_rest()
    port = free_port()
    _key, secret = api_key_create(name="bench", feed=FEED, scopes=[Scope.ACTIVITIES_WRITE])
    web = (*WEB, "--workers=2", f"--bind=127.0.0.1:{port}", "--log-level=warning")
    worker = (*(each for each in WORKER if not each.startswith("--loglevel")), "--loglevel=WARNING", "--concurrency=2")
    figures = []
    with (
        Program(web, more=UNLIMITED, log=scale.folder / "log" / "web.log") as server,
        Program(worker, log=scale.folder / "log" / "worker.log"),
    ):
        port_wait(port)
        row = chance.permutation(alive).tolist()
        warm = Sender(port=port, secret=secret)
        warm.send(batches(events_of(row[:SMALL]), SMALL))
        _settled(120, rings=True)
        single = Sender(port=port, secret=secret)
        many = row[SMALL : SMALL + max(20, scale.events // 10)]
        one = len(many) / single.send(batches(events_of(many), 1))
        _settled(120)
        big = Sender(port=port, secret=secret)
        full = [row[each % len(row)] for each in range(min(scale.events, MOST_AT_ONCE))]
        began = time.monotonic()
        batched = len(full) / big.send(batches(events_of(full), BATCH))
        left = 0 if _is_settled(PATIENCE) else Work.objects.values("lead").distinct().count()
        capacity = (len(full) - left) / (time.monotonic() - began)
        _settled(PATIENCE)
        for name, sender in (("one by one", single), (f"{BATCH} at once", big)):
            if sender.failures:
                raise SystemExit(f"Events sent {name} were refused: {sender.failures[:3]}")
        say(f"HTTP: {one:,.0f} one by one, {batched:,.0f} in batches, {capacity:,.0f} with their scores a second")
        figures += [
            rate_figure(
                "events-http-one",
                "events through HTTP and gunicorn, one by one, four senders",
                one,
                note="scored meanwhile",
            ),
            rate_figure(
                "events-http", f"events through HTTP and gunicorn, {BATCH} at once", batched, note="scored meanwhile"
            ),
        ]
        half = max(float(SMALL), capacity / 2)
        for key, title, rate in (
            ("seen-half", f"{half:,.0f} events a second, half of what is taken and scored", half),
            ("seen-rate", f"{scale.steady_rate} events a second", float(scale.steady_rate)),
        ):
            figures += _latencies(scale, key, title, rate, row, port, secret)
        peak = server.peak_mb
    return [
        *figures,
        Figure(key="memory-web", title="private memory of a web process under events, peak", unit="MB", runs=[peak]),
    ]


def _latencies(
    scale: Scale, key: str, title: str, rate: float, row: Sequence[int], port: int, secret: str
) -> list[Figure]:
    # What the events before have opened is no part of this.
    handoffs_drain()
    total = max(1, round(rate * scale.steady_seconds / SMALL)) * SMALL
    # Each lead once in some seconds at the least: the same lead twice at a time could not be told apart.
    sent = [row[each % len(row)] for each in range(total)]
    sender, watch = Sender(port=port, secret=secret), Watch()
    watch.start()
    sender.send(
        batches(events_of(sent), SMALL),
        a_second=rate / SMALL,
        seconds=2 * scale.steady_seconds,
        is_full=lambda: watch.waiting > rate * MOST_BEHIND,
    )
    is_settled = _is_settled(PATIENCE)
    watch.stop()
    if sender.failures:
        raise SystemExit(f"Events were refused: {sender.failures[:3]}")
    end = time.monotonic()
    still = set() if is_settled else set(Work.objects.values_list("lead_id", flat=True))
    waits = [
        1_000 * max(0.0, (end if lead_id in still else watch.seen_gone.get(lead_id, done)) - done)
        for lead_id, done in sender.acknowledged.items()
    ]
    answers = [1_000 * percentile(sender.took, share) for share in (0.5, 0.99)]
    note = (
        f"{total:,} events in {SMALL}s over {scale.steady_seconds} s, answered in {answers[0]:.0f} ms"
        f" (p99 {answers[1]:.0f}), at most {sender.late:.1f} s behind"
    )
    if sender.held:
        note += f"; a batch held back for {sender.held:.0f} s at the most, because {MOST_BEHIND} s of events waited"
    if sender.unsent or still:
        note += f"; {sender.unsent * SMALL:,} not sent in time, {len(still):,} not seen after {PATIENCE} s"
    say(f"Seen at {rate:,.0f}/s: p50 {percentile(waits, 0.5):.0f} ms, p99 {percentile(waits, 0.99):.0f} ms")
    return [
        Figure(
            key=f"{key}-p50",
            title=f"answered to score visible, p50: {title}",
            unit="ms",
            runs=[percentile(waits, 0.5)],
            note=note,
        ),
        Figure(
            key=f"{key}-p99",
            title=f"answered to score visible, p99: {title}",
            unit="ms",
            runs=[percentile(waits, 0.99)],
            note=note,
        ),
    ]


def _at_rest() -> None:
    """Every qualified lead was decided about: else the worker would open the queue of a whole population first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO handoff_suppression (lead_id, reason, may_return, since, basis, looked_at)"
            " SELECT lead_id, 'decided', false, now(), '{}', now() FROM scoring_score WHERE is_qualified"
            " ON CONFLICT DO NOTHING"
        )
        cursor.execute("ANALYZE handoff_suppression")


def _settled(patience: float, *, rings: bool = False) -> None:
    """Until nothing waits to be scored; ends the step where that takes too long."""
    if not _is_settled(patience, rings=rings):
        raise SystemExit(f"{Work.objects.count():,} rows of work still wait after {patience:.0f} seconds.")


def _is_settled(patience: float, *, rings: bool = False) -> bool:
    """Whether nothing waits to be scored after so long at the most. `rings` for a worker that may not have been there at
    the last bell."""
    end = time.monotonic() + patience
    while Work.objects.exists():
        if rings:
            ring()
            time.sleep(1)
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Watch(threading.Thread):
    """Looks a hundred times a second at which leads wait; `seen_gone` is when each was last seen to be judged, `waiting` how
    many wait."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen_gone: dict[int, float] = {}
        self.waiting = 0
        self._end = threading.Event()

    def run(self) -> None:
        waiting: set[int] = set()
        with connection.cursor() as cursor:
            while not self._end.is_set():
                cursor.execute("SELECT lead_id FROM crm_work")
                now, before = time.monotonic(), waiting
                waiting = {lead_id for (lead_id,) in cursor.fetchall()}
                self.waiting = len(waiting)
                self.seen_gone |= dict.fromkeys(before - waiting, now)
                self._end.wait(0.01)
        connection.close()

    def stop(self) -> None:
        self._end.set()
        self.join()
