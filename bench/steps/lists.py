"""The queue at depth: the first page, one a hundred thousand hand-offs down, filtered, and by OFFSET for contrast."""

from collections.abc import Callable, Sequence

from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.figures import Figure, seconds
from bench.scale import Scale
from bench.world import administrator, model
from handoff.models import Handoff
from handoff.queries import PAGE_SIZE, QueueFilters, Whose, queue_page, queue_rows
from handoff.queries import _cursor as written

DEPTH = 100_000
TIMES = 15
#: As many leads as asked for, the best ones, each with an open hand-off; the priority is what the product would sort by.
_OPEN = """
INSERT INTO handoff_handoff (created_at, updated_at, state, routed_because, opened_at, sla_due_at, priority, total,
    is_fast_tracked, opened_total, opened_rating, opened_stage, card, lead_id, model_id, version_id, owner_id)
SELECT now(), now(), 'waiting', '{}', now() - (row_number() OVER ()) * interval '1 second', now() + interval '1 day',
    1000000 + s.total + 100000 * (s.lead_id %% 7), s.total, s.is_fast_tracked, s.total, s.rating, s.stage, '{"ledger": []}', s.lead_id,
    s.model_id, s.version_id, 1 + s.lead_id %% 20
FROM (SELECT * FROM scoring_score WHERE model_id = %s ORDER BY total DESC, lead_id LIMIT %s) AS s
"""


def measure(scale: Scale) -> Sequence[Figure]:
    own = model()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE handoff_handoff CASCADE")
        cursor.execute(_OPEN, [own.pk, scale.handoffs])
        many = cursor.rowcount
        cursor.execute("ANALYZE handoff_handoff; ANALYZE scoring_score")
    depth = min(DEPTH, many - 2 * PAGE_SIZE)
    user, everything = administrator(), QueueFilters(whose=Whose.ALL)
    keys = Handoff.objects.filter(closed_at=None).order_by("-priority", "-pk").values_list("priority", "pk")
    deep = _cursor(keys[depth])

    def by_offset() -> None:
        found = [pk for _priority, pk in keys[depth : depth + PAGE_SIZE]]
        queue_rows(user=user, handoff_ids=found)

    note = f"{many:,} open hand-offs"
    first = _figure("queue-first", "queue, page 1", lambda: queue_page(user=user, filters=everything), note)
    down = _figure(
        "queue-deep",
        f"queue, page at depth {depth:,}",
        lambda: queue_page(user=user, filters=everything, cursor=deep),
        note,
    )
    found = [
        first,
        down,
        Figure(key="queue-times", title="page at depth against page 1", unit="×", runs=[down.median / first.median]),
        _figure("queue-offset", f"the same page by OFFSET {depth:,}, for contrast", by_offset, note),
        _figure(
            "queue-filtered",
            "queue, filtered by stage and rating",
            lambda: queue_page(user=user, filters=QueueFilters(whose=Whose.ALL, stage="mql", rating="B")),
            note,
        ),
        *_pages(),
    ]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE handoff_handoff CASCADE")
    return found


def _cursor(place: tuple[int, int]) -> str:
    """As the queue writes the place that a page begins after."""
    return written("after", place)


def _pages() -> list[Figure]:
    """Whole pages as a browser gets them, template and all, without the network."""
    client = Client(headers={"host": "localhost"})
    client.force_login(administrator(), backend="django.contrib.auth.backends.ModelBackend")
    figures = []
    for key, title, name in (("page-leads", "page of leads", "leads"), ("page-queue", "page of the queue", "queue")):
        address = reverse(name)
        answer = client.get(address, follow=True)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answers {answer.status_code}.")
        figures.append(
            _figure(
                key, f"{title}, rendered, by Django's test client", lambda to=address: client.get(to, follow=True), ""
            )
        )
    return figures


def _figure(key: str, title: str, what: Callable[[], object], note: str) -> Figure:
    what()
    runs = [1_000 * seconds(what) for _ in range(TIMES)]
    return Figure(key=key, title=title, unit="ms", runs=runs, note=note)
