"""Events as senders send them: invented ones of leads that exist, over HTTP at a steady rate."""

import http.client
import itertools
import json
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.scale import SEED

# One in a hundred raises a hand, which opens a hand-off besides.
KINDS = (*["page_view"] * 60, *["email_click"] * 20, *["content_read"] * 10, *["video_watch"] * 9, "demo_request")
_number = itertools.count(1)
_run = f"{time.time_ns():x}"
Item = dict[str, object]


def events_of(lead_ids: Sequence[int]) -> list[Item]:
    """One event of each of these leads, now. No message id is ever made twice."""
    rng = random.Random(SEED)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return [
        {
            "message_id": f"{_run}-{next(_number)}",
            "lead": {"id": lead_id},
            "kind": rng.choice(KINDS),
            "occurred_at": now,
            "url": f"https://www.example.com/pricing?visit={rng.randrange(50)}",
            "subject": f"Guide {rng.randrange(50)}",
        }
        for lead_id in lead_ids
    ]


@dataclass(kw_only=True)
class Sender:
    """Sends batches to `POST /api/v1/activities/batch` from some threads, each with a connection that it keeps.

    `acknowledged` is when each lead's event was answered, by time.monotonic(); `late` how far behind its time the last
    batch was sent; `unsent` how many batches were left when the time was up; `held` for how many seconds a batch
    was held back at the most, because too much waited to be scored.
    """

    port: int
    secret: str
    threads: int = 4
    acknowledged: dict[int, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    late: float = 0.0
    held: float = 0.0
    unsent: int = 0
    failures: list[str] = field(default_factory=list)

    def send(
        self,
        batches: Sequence[Sequence[Item]],
        *,
        a_second: float | None = None,
        seconds: float = math.inf,
        is_full: Callable[[], bool] = lambda: False,
    ) -> float:
        """Send all batches, so many a second or as fast as they go, for so long at the most; nothing is sent while the
        other side is full. Answers the seconds it took."""
        left, guard, began = iter(enumerate(batches)), threading.Lock(), time.monotonic()

        def work() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            while True:
                with guard:
                    index, batch = next(left, (0, None))
                if batch is None:
                    break
                if time.monotonic() - began > seconds:
                    with guard:
                        self.unsent += 1
                    continue
                self._wait(is_full, until=began + seconds)
                if a_second is not None:
                    time.sleep(max(0.0, began + index / a_second - time.monotonic()))
                    self.late = max(self.late, time.monotonic() - began - index / a_second)
                self._post(connection, batch)
            connection.close()

        threads = [threading.Thread(target=work, daemon=True) for _ in range(self.threads)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return time.monotonic() - began

    def _wait(self, is_full: Callable[[], bool], *, until: float) -> None:
        began = time.monotonic()
        while is_full() and time.monotonic() < until:
            time.sleep(0.05)
            self.held = max(self.held, time.monotonic() - began)

    def _post(self, connection: http.client.HTTPConnection, batch: Sequence[Item]) -> None:
        is_one = len(batch) == 1
        body = json.dumps(batch[0] if is_one else {"activities": batch})
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.secret}"}
        began = time.monotonic()
        try:
            connection.request("POST", f"/api/v1/activities{'' if is_one else '/batch'}", body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"{type(error).__name__}: {error}")
            connection.close()
            return
        done = time.monotonic()
        if response.status != 200:
            self.failures.append(f"{response.status}: {answer[:200]!r}")
            return
        self.took.append(done - began)
        for item in batch:
            self.acknowledged[item["lead"]["id"]] = done  # type: ignore[index]
