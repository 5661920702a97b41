"""How fast a file comes in and goes again, beside a bare multi-row INSERT of the same cells. On an empty database."""

import csv
import io
import random
from collections.abc import Sequence

from django.db import connection, transaction
from psycopg2.extras import execute_values

from bench.figures import Figure, seconds
from bench.scale import SEED, Scale
from crm.ingestion.suggesting import mapping_suggest
from crm.models import Import
from crm.services.imports import (
    import_create,
    import_look,
    import_prepare,
    import_start,
    import_undo,
)
from crm.services.imports_running import imports_run

BATCH = 500
HEADER = ("Id", "Email", "First name", "Last name", "Job title", "Phone", "Country", "City", "Company", "Website",
          "Industry", "Employees")  # fmt: skip


def rows(many: int) -> list[tuple[str, ...]]:
    """Leads of some five people a company."""
    rng = random.Random(SEED)
    firms = [f"firm{number}" for number in range(many // 5)]
    made = []
    for number in range(many):
        firm = rng.choice(firms)
        made.append((
            f"c-{number}", f"ann.{number}@{firm}.example", "Ann", f"Keller{number}", rng.choice(["CTO", "VP Sales", "Analyst"]),
            f"+49 30 {1_000_000 + number}", "DE", "Berlin", firm.title(), f"https://{firm}.example", "Software", "240",
        ))  # fmt: skip
    return made


def bare_insert(cells: Sequence[tuple[str, ...]]) -> None:
    """The least any storage must do: the same cells in multi-row inserts, committed a batch at a time."""
    with connection.cursor() as cursor:
        columns = ", ".join(f"c{place} text" for place in range(len(HEADER)))
        cursor.execute(f"CREATE TABLE bare_file ({columns}, UNIQUE (c0), UNIQUE (c1))")
        for start in range(0, len(cells), BATCH):
            with transaction.atomic():
                execute_values(
                    cursor.cursor,
                    "INSERT INTO bare_file VALUES %s ON CONFLICT DO NOTHING",
                    cells[start : start + BATCH],
                )


def brought(cells: Sequence[tuple[str, ...]]) -> Import:
    """The file on the import page: looked at, its columns as suggested, ready to start."""
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *cells])
    made = import_create(file_name="leads.csv", content=[text.getvalue().encode()])
    look = import_look(made)
    mapping = mapping_suggest(look, attributes=(), about="leads", feed="crm", name="bench")
    return import_prepare(import_id=made.pk, look=look, mapping=mapping, feed="crm")


def measure(scale: Scale) -> Sequence[Figure]:
    cells = rows(scale.import_rows)
    bare = len(cells) / seconds(lambda: bare_insert(cells))
    made = brought(cells)
    import_start(import_id=made.pk, handoffs=Import.Handoffs.QUIET)
    into = len(cells) / seconds(imports_run)
    again = brought(cells)
    import_start(import_id=again.pk, handoffs=Import.Handoffs.QUIET)
    unchanged = len(cells) / seconds(imports_run)
    import_undo(import_id=made.pk)
    undone = len(cells) / seconds(imports_run)
    for each in (made, again):
        each.refresh_from_db()
    right = ({"created": len(cells)}, {"unchanged": len(cells)}, Import.State.UNDONE)
    if (made.counts, again.counts, made.state) != right:
        raise SystemExit(f"The bench is broken: {made.counts} {again.counts} {made.state} {made.error}")
    return [
        Figure(
            key=key,
            title=title,
            unit="a second",
            runs=[speed],
            note=f"{len(cells):,} rows" if speed == bare else f"{bare / speed:.1f} × the bare cost",
        )
        for key, title, speed in (
            ("import-bare", "rows of 12 columns, bare multi-row INSERT", bare),
            ("import-new", "rows imported as new leads, one process, before scoring", into),
            ("import-again", "the same file again, nothing changes", unchanged),
            ("import-undone", "rows undone", undone),
        )
    ]
