"""A population into the real tables: secondary indexes and foreign keys away, COPY, and all back again."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

import numpy as np
import psycopg2

from bench.generator import doings, people
from bench.progress import say
from bench.scale import SEED, Scale

_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index AS i
WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
"""
_CONSTRAINTS = """
SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('f', 'u') ORDER BY contype DESC
"""


def population_load(connection: "psycopg2.extensions.connection", scale: Scale) -> None:
    """Fill empty tables with the population of the scale, as of now."""
    rng = np.random.default_rng(SEED)
    now = datetime.now(UTC).replace(microsecond=0)
    drawn = people.people_draw(rng, leads=scale.leads, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        cursor.execute(
            "INSERT INTO accounts_user (id, created_at, updated_at, email, name, role, time_zone, language, weekly_capacity,"
            " is_active, password, muted_kinds, emailed_kinds)"
            " SELECT n, now(), now(), 'rep' || n || '@ours.example', 'Rep ' || n, CASE n WHEN 1 THEN 'administrator'"
            " ELSE 'rep' END, 'UTC', 'en', 50, true, '!', '{}', '{}' FROM generate_series(1, %s) AS n",
            [people.OWNERS],
        )
        _identity_set(cursor, "accounts_user", people.OWNERS)
        connection.commit()
        with _bare(cursor, "crm_company"):
            _copy(
                cursor,
                "crm_company",
                people.COMPANY_COLUMNS,
                _many(people.company_rows(rng, leads=scale.leads, now=now)),
            )
        say(f"{people.companies_of(scale.leads):,} companies")
        with _bare(cursor, "crm_lead"):
            _copy(cursor, "crm_lead", people.LEAD_COLUMNS, _many(people.lead_rows(rng, drawn)))
        say(f"{scale.leads:,} leads")
        made = doings.doings_draw(rng, drawn, total=scale.activities)
        with _bare(cursor, "crm_activity"):
            _copy(cursor, "crm_activity", doings.COLUMNS, doings.doing_rows(rng, made))
            say(f"{scale.activities:,} activities; their indexes next")
        _identity_set(cursor, "crm_company", people.companies_of(scale.leads))
        _identity_set(cursor, "crm_lead", scale.leads)
        _identity_set(cursor, "crm_activity", scale.activities)
    connection.commit()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


@contextmanager
def _bare(cursor: "psycopg2.extensions.cursor", table: str) -> Iterator[None]:
    """The table without its secondary indexes, unique constraints and foreign keys, which come back at the end."""
    cursor.execute(_CONSTRAINTS, [table])
    constraints = cursor.fetchall()
    for name, _definition in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(_INDEXES, [table])
    indexes = [(name, text) for name, text in cursor.fetchall() if not name.endswith("_pkey")]
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
    for name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _copy(cursor: "psycopg2.extensions.cursor", table: str, columns: Iterable[str], lines: Iterable[str]) -> None:
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", Lines(lines))


def _identity_set(cursor: "psycopg2.extensions.cursor", table: str, last: int) -> None:
    cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])


def _many(lines: Iterable[str]) -> Iterator[str]:
    """The lines some thousand at a time."""
    left = iter(lines)
    while some := "".join(islice(left, 2_000)):
        yield some


class Lines(io.RawIOBase):
    """Texts as a file that is read as they are made."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = iter(texts)
        self._open = io.BytesIO()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """What is left of the text at hand, at most `size` bytes; nothing where no text is left."""
        while True:
            found = self._open.read(size)
            if found:
                return found
            text = next(self._texts, None)
            if text is None:
                return b""
            self._open = io.BytesIO(text.encode())
