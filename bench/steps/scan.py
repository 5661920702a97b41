"""L: the bare sequential scan of the activities that everything else is a multiple of."""

from collections.abc import Sequence

from django.db import connection

from bench.figures import Figure, seconds
from bench.scale import Scale


def measure(scale: Scale) -> Sequence[Figure]:
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        runs = [
            seconds(lambda: cursor.execute("SELECT count(*), sum(length(url)) FROM crm_activity")) for _ in range(3)
        ]
        cursor.execute("SELECT pg_relation_size('crm_activity'), pg_total_relation_size('crm_activity')")
        heap, whole = cursor.fetchone()
    title = "bare scan of the activities, L: the third of three, one process"
    note = f"{heap / 2**20:,.0f} MB of rows, {whole / 2**20:,.0f} MB with indexes"
    return [Figure(key="scan", title=title, unit="s", runs=[runs[2]], note=note, details={"all": runs})]
