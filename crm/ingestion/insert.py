"""The hand-written SQL of ingestion, all of it: what Django's ORM cannot say.

`bulk_create(ignore_conflicts=True)` does not tell which rows went in, and `select_for_update` knows neither FOR
SHARE nor FOR KEY SHARE.
"""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from psycopg2.extras import execute_values

from crm.models import Company

# The first half of the advisory keys of visitors; scoring uses others.
VISITOR_LOCKS: Final = 7_001


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    """One activity as it goes into the table."""

    feed: str
    message_id: str
    lead_id: int | None
    visitor: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    url: str
    subject: str
    value: Decimal | None
    source: str
    properties: Mapping[str, object]
    bot_reason: str
    sent_hash: str
    imported_by_id: int | None = None


_INSERT = """
INSERT INTO crm_activity (feed, message_id, lead_id, visitor, kind, occurred_at, received_at, url, subject, value,
    source, properties, is_bot, bot_reason, withdrawn_at, sent_hash, imported_by_id)
VALUES %s
ON CONFLICT (feed, message_id) DO NOTHING
RETURNING message_id, id
"""


def insert_activities(rows: Sequence[ActivityRow]) -> dict[str, int]:
    """Insert the rows of one feed that are not there yet: `{message_id: id}` of those that went in.

    Rows are sorted first: two batches that hold the same messages wait for each other in one order and never deadlock.
    """
    if not rows:
        return {}
    ordered = sorted(rows, key=lambda row: (row.feed, row.message_id))
    values = [
        (
            row.feed, row.message_id, row.lead_id, row.visitor, row.kind, row.occurred_at, row.received_at, row.url,
            row.subject, row.value, row.source, json.dumps(row.properties), bool(row.bot_reason), row.bot_reason, None,
            row.sent_hash, row.imported_by_id,
        )
        for row in ordered
    ]  # fmt: skip
    with connection.cursor() as cursor:
        found = execute_values(cursor.cursor, _INSERT, values, page_size=len(values), fetch=True)
    return dict(found)


def leads_pin(lead_ids: Iterable[int]) -> dict[int, int | None]:
    """Keep these leads from being merged or erased until the transaction ends: `{id: merged_into}` of those that exist.

    FOR KEY SHARE is the lock a foreign key takes anyway. A scorer's FOR NO KEY UPDATE passes it, so ingest never waits for
    one; a merge and an erasure take FOR UPDATE and so wait for the batches that write to their leads, or are waited for.
    """
    wanted = sorted(set(lead_ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, merged_into_id FROM crm_lead WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [wanted])
        return dict(cursor.fetchall())


def companies_pin(company_ids: Iterable[int]) -> set[int]:
    """Keep these companies as they are until the transaction ends: the ids of those that exist. Any number of connections may
    at once.

    Who gives a lead to a company pins it: else the company could be changed by somebody who does not see the lead yet,
    while the lead is looked at by somebody who does not see the change yet, and nobody would look again. One that was found
    and is not here any more went with the undo of the import that brought it.
    """
    wanted = sorted(set(company_ids))
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM crm_company WHERE id = ANY(%s) ORDER BY id FOR SHARE", [wanted])
        return {row[0] for row in cursor.fetchall()}


def companies_write(companies: Sequence[Company], *, fields: Set[str]) -> None:
    """Write these fields of locked companies in one statement: a query for each, or a CASE for each field, takes far longer."""
    if not companies:
        return
    columns = [each for each in Company._meta.concrete_fields if fields & {each.name, each.attname}]
    rows = [{"id": one.pk, **{each.column: getattr(one, each.attname) for each in columns}} for one in companies]
    names = ", ".join(f"{each.column} = said.{each.column}" for each in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE crm_company AS company SET {names} "  # noqa: S608 # nosec B608 - names of columns
            "FROM jsonb_populate_recordset(NULL::crm_company, %s::jsonb) AS said WHERE company.id = said.id",
            [json.dumps(rows, default=str)],
        )


def visitors_lock(*, anonymous: Iterable[int], identified: Iterable[int]) -> None:
    """Advisory locks on buckets of visitors until the transaction ends, in one order.

    Who writes an anonymous activity shares its bucket, who identifies a visitor has it alone: else an activity could come
    in unattached while its visitor is being identified, and stay so.
    """
    alone = set(identified)
    wanted = sorted(alone | set(anonymous))
    with connection.cursor() as cursor:
        # The rows of unnest come in the order of the arrays, so the locks are taken in that order.
        cursor.execute(
            "SELECT CASE WHEN alone THEN pg_advisory_xact_lock(%s, bucket) ELSE pg_advisory_xact_lock_shared(%s, bucket) END "
            "FROM unnest(%s::int[], %s::bool[]) AS wanted(bucket, alone)",
            [VISITOR_LOCKS, VISITOR_LOCKS, wanted, [bucket in alone for bucket in wanted]],
        )


def activities_attach(
    *, feed: str, visitor: str, lead_id: int, recorded_at: datetime, changed_by: str, import_id: int | None = None
) -> int:
    """Give a visitor's unattached activities to the lead, with a row of history each: how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH found AS (
                UPDATE crm_activity SET lead_id = %s WHERE feed = %s AND visitor = %s AND lead_id IS NULL
                RETURNING id, occurred_at
            )
            INSERT INTO crm_factchange
                (subject_type, subject_id, field, before, after, valid_at, recorded_at, changed_by, imported_by_id)
            SELECT 'activity', id, 'lead', NULL, to_jsonb(%s::bigint), occurred_at, %s, %s, %s FROM found
            """,
            [lead_id, feed, visitor, lead_id, recorded_at, changed_by, import_id],
        )
        return int(cursor.rowcount)


def activities_move(
    *, from_lead: int, to_lead: int, recorded_at: datetime, changed_by: str, only: Sequence[int] | None = None
) -> list[int]:
    """Give activities of one lead to another, with a row of history each: their ids. `only` limits which."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH found AS (
                UPDATE crm_activity SET lead_id = %(to)s
                WHERE lead_id = %(from)s AND (%(only)s::bigint[] IS NULL OR id = ANY(%(only)s::bigint[]))
                RETURNING id, occurred_at
            ), history AS (
                INSERT INTO crm_factchange
                    (subject_type, subject_id, field, before, after, valid_at, recorded_at, changed_by)
                SELECT 'activity', id, 'lead', to_jsonb(%(from)s::bigint), to_jsonb(%(to)s::bigint), occurred_at,
                       %(at)s, %(by)s FROM found
            )
            SELECT id FROM found ORDER BY id
            """,
            {
                "from": from_lead,
                "to": to_lead,
                "at": recorded_at,
                "by": changed_by,
                "only": None if only is None else list(only),
            },
        )
        return [row[0] for row in cursor.fetchall()]
