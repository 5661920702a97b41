"""Facts as columns, straight from PostgreSQL: what bulk judgement reads in place of one lead after the other.

Rows come as COPY in binary, every column eight bytes wide and never null, so that numpy reads them as they lie. A text
comes as two hashes under seeds that nobody knows beforehand, `key` and `check`, both 0 where it is unknown; it is fetched
once, from any row that has it, together with its hashes: the row may have changed since.

What a field is and when it is unknown follows crm.queries.facts_for_leads, for now and not for a past day.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from crm.models import LeadTouch
from crm.services.history import COMPANY_FACTS, LEAD_FACTS

Rows = NDArray[Any]

# What stands before the first and after the last row of a binary COPY.
_HEAD, _TAIL = 19, 2
# Moments of PostgreSQL count from the year 2000.
_MOMENTS_FROM = 946_684_800_000_000
_NOT_TEXT = {"consent", "is_suspect", "employees", "revenue"}
_LIVE = "a.lead_id IS NOT NULL AND NOT a.is_bot AND a.withdrawn_at IS NULL"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which leads are asked for: all, those of a range of ids (both ends included), or these."""

    lead_from: int | None = None
    lead_to: int | None = None
    lead_ids: Sequence[int] | None = None

    def where(self, column: str) -> tuple[str, list[Any]]:
        if self.lead_ids is not None:
            return f"{column} = ANY(%s::bigint[])", [_array(self.lead_ids)]
        parts = [(f"{column} >= %s", self.lead_from), (f"{column} <= %s", self.lead_to)]
        bounds = [(sql, bound) for sql, bound in parts if bound is not None]
        return " AND ".join(["TRUE", *(sql for sql, _ in bounds)]), [bound for _, bound in bounds]


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """Under which texts are hashed. Others are taken where two texts have one key."""

    key: int = field(default_factory=lambda: secrets.randbits(60))
    check: int = field(default_factory=lambda: secrets.randbits(60))

    def of_text(self, sql: str, params: Sequence[Any] = ()) -> tuple[str, list[Any]]:
        """Key and check of a text or null, as two columns."""
        columns = ", ".join(f"coalesce(hashtextextended({sql}, {seed}), 0)" for seed in (self.key, self.check))
        return columns, [*params, *params]

    def of_number(self, sql: str) -> str:
        return ", ".join(f"coalesce(hash_numeric_extended({sql}, {seed}), 0)" for seed in (self.key, self.check))

    def of_class(self) -> str:
        """Each text under a seed of its own, so that what stands in one never passes for what stands in another."""
        names = ("kind", "url", "subject", "source")
        return ", ".join(
            " # ".join(f"hashtextextended(a.{name}, {seed + number})" for number, name in enumerate(names))
            for seed in (self.key, self.check)
        )


def leads_copied(asked: Asked, *, into: IO[bytes] | None = None) -> Rows:
    """`lead` and `created` (microseconds since 1970) of every lead that is not merged into another; in no order."""
    where, params = asked.where("l.id")
    sql = f"SELECT l.id, l.created_at FROM crm_lead l WHERE l.merged_into_id IS NULL AND {where}"  # noqa: S608 - no user input
    return _copied(sql, params, ("lead", "created"), into)


def activities_copied(asked: Asked, seeds: Seeds, *, into: IO[bytes] | None = None) -> Rows:
    """`lead`, `moment`, `key` and `check` of kind, url, subject and source together, `value_key` and `value_check`, `id`.

    In no order; without what is a bot's, withdrawn or nobody's. Those of merged leads may be among them.
    """
    where, params = asked.where("a.lead_id")
    columns = f"a.lead_id, a.occurred_at, {seeds.of_class()}, {seeds.of_number('a.value')}, a.id"
    sql = f"SELECT {columns} FROM crm_activity a WHERE {_LIVE} AND {where}"  # noqa: S608 - no user input
    return _copied(sql, params, ("lead", "moment", "key", "check", "value_key", "value_check", "id"), into)


def properties_copied(asked: Asked, seeds: Seeds, names: Sequence[str], *, into: IO[bytes] | None = None) -> Rows:
    """`id`, then `key0`, `check0`, `key1`, … of the activities whose properties have one of these names.

    Reads every activity's properties, once for all names.
    """
    where, params = asked.where("a.lead_id")
    columns, all_params = ["a.id"], list[Any]()
    for name in names:
        hashed, hash_params = seeds.of_text(*_property(name))
        columns.append(hashed)
        all_params += hash_params
    sql = (
        f"SELECT {', '.join(columns)} FROM crm_activity a "  # noqa: S608 - no user input
        f"WHERE {_LIVE} AND {where} AND a.properties ?| %s"
    )
    return _copied(sql, [*all_params, *params, list(names)], ("id", *_hashes(names)), into)


def fields_copied(asked: Asked, seeds: Seeds, names: Sequence[str], *, into: IO[bytes] | None = None) -> Rows:
    """`lead`, then `key0`, `check0`, `key1`, … of these fields by full name, in no order; only names of `is_field`."""
    where, params = asked.where("l.id")
    columns, all_params = ["l.id"], list[Any]()
    for name in names:
        hashed, hash_params = seeds.of_text(*_expression(name))
        columns.append(hashed)
        all_params += hash_params
    sql = f"SELECT {', '.join(columns)} FROM {_tables(names)} WHERE l.merged_into_id IS NULL AND {where}"  # noqa: S608 - no user input
    return _copied(sql, [*all_params, *params], ("lead", *_hashes(names)), into)


def touched_copied(asked: Asked, *, since_xid: int) -> Rows:
    """`lead`: each lead once that has work waiting, or was looked at again or erased by a transaction from `since_xid` on.

    One statement, because work becomes a touch: from one to the next a lead could be seen as neither.
    """
    where, params = asked.where("lead_id")
    sql = (
        f"SELECT lead_id FROM crm_work WHERE {where} "  # noqa: S608 - no user input
        f"UNION SELECT lead_id FROM crm_leadtouch WHERE xid >= %s AND {where}"
    )
    return _copied(sql, [*params, since_xid, *params], ("lead",), None)


def touched_erased(*, since_xid: int) -> bool:
    """Whether a lead was erased by a transaction from `since_xid` on."""
    return LeadTouch.objects.filter(xid__gte=since_xid, is_erased=True).exists()


def is_field(name: str) -> bool:
    """Whether leads or companies have a field of this full name, or may have one."""
    subject, _, rest = name.partition(".")
    group, dot, _key = rest.partition(".")
    if dot:
        return (subject, group) in {("lead", "attributes"), ("lead", "qualification"), ("company", "attributes")}
    return rest in {"lead": LEAD_FACTS, "company": COMPANY_FACTS}.get(subject, ())


def is_text(name: str) -> bool:
    """Whether what `field_texts` gives of a field is the text itself; else it is JSON."""
    rest = name.partition(".")[2]
    return "." not in rest and rest not in _NOT_TEXT and rest != "technologies"


def field_texts(asked: Iterable[tuple[str, Sequence[int]]], seeds: Seeds) -> Iterator[tuple[int, int, int, int, str]]:
    """For each field and leads: the number of the pair, the lead, key and check as of now, and the text."""
    parts, params = list[str](), list[Any]()
    for number, (name, lead_ids) in enumerate(asked):
        sql, own = _expression(name)
        hashed, hash_params = seeds.of_text(sql, own)
        parts.append(f"SELECT {number}, l.id, {hashed}, {sql} FROM {_tables([name])} WHERE l.id = ANY(%s::bigint[])")  # noqa: S608 - no user input
        params += [*hash_params, *own, _array(lead_ids)]
    yield from _rows(" UNION ALL ".join(parts), params) if parts else ()


def class_texts(ids: Sequence[int], seeds: Seeds) -> Iterator[tuple[int, int, int, str, str, str, str]]:
    """Of these activities the id, key, check, kind, url, subject and source; in no order."""
    return _of_activities(f"{seeds.of_class()}, a.kind, a.url, a.subject, a.source", ids)


def value_numbers(ids: Sequence[int], seeds: Seeds) -> Iterator[tuple[Any, ...]]:
    """Of these activities the id, key, check and value (a Decimal); in no order."""
    return _of_activities(f"{seeds.of_number('a.value')}, a.value", ids)


def property_texts(ids: Sequence[int], seeds: Seeds, name: str) -> Iterator[tuple[Any, ...]]:
    """Of these activities the id, key, check and JSON text of one property; in no order."""
    sql, params = _property(name)
    hashed, hash_params = seeds.of_text(sql, params)
    return _of_activities(f"{hashed}, {sql}", ids, [*hash_params, *params])


def engine_ids(ids: Sequence[int]) -> dict[int, str]:
    """The id by which the engine knows each of these activities."""
    return dict(_of_activities("a.feed || ':' || a.message_id", ids))


def _of_activities(columns: str, ids: Sequence[int], params: Sequence[Any] = ()) -> Iterator[Any]:
    sql = f"SELECT a.id, {columns} FROM crm_activity a WHERE a.id = ANY(%s::bigint[])"  # noqa: S608 - no user input
    return _rows(sql, [*params, _array(ids)])


def _array(ids: Iterable[int]) -> str:
    """One constant: a list of so many numbers takes the server longer to read than the rows."""
    return f"{{{','.join(map(str, ids))}}}"


def _hashes(names: Sequence[str]) -> list[str]:
    return [f"{each}{number}" for number in range(len(names)) for each in ("key", "check")]


def _property(name: str) -> tuple[str, list[Any]]:
    return "nullif(a.properties -> %s, 'null')::text", [name]


def _expression(name: str) -> tuple[str, list[Any]]:
    """The field as a text, null where it is unknown."""
    subject, _, rest = name.partition(".")
    table = {"lead": "l", "company": "c"}[subject]
    group, dot, key = rest.partition(".")
    if dot:
        return f"nullif({table}.{group} -> %s, 'null')::text", [key]
    if rest == "technologies":
        return f"CASE WHEN {table}.{rest} <> '{{}}' THEN to_jsonb({table}.{rest})::text END", []
    return (f"{table}.{rest}::text" if rest in _NOT_TEXT else f"nullif({table}.{rest}, '')"), []


def _tables(names: Iterable[str]) -> str:
    with_company = any(name.startswith("company.") for name in names)
    return "crm_lead l LEFT JOIN crm_company c ON c.id = l.company_id" if with_company else "crm_lead l"


def _rows(sql: str, params: Sequence[Any]) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor.fetchall()


def _copied(sql: str, params: Sequence[Any], names: Sequence[str], into: IO[bytes] | None) -> Rows:
    """The rows, mapped from `into` where that is given: then they take no memory of the process."""
    target: IO[bytes] = BytesIO() if into is None else into
    with _by_workers(into), connection.cursor() as cursor, connection.wrap_database_errors:
        text = cursor.mogrify(sql, params).decode()
        cursor.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT binary)", target)
    target.flush()
    # Big-endian: a row's number of columns, then each with its length before it.
    columns = [(f"{name}{part}", form) for name in names for part, form in ((" length", ">i4"), ("", ">i8"))]
    layout = np.dtype([(" columns", ">i2"), *columns])
    count = (target.tell() - _HEAD - _TAIL) // layout.itemsize
    if count == 0:
        return np.zeros(0, layout)
    if into is None:
        return np.frombuffer(target.getbuffer(), layout, count, _HEAD)  # type: ignore[attr-defined]
    return np.memmap(into, layout, mode="r", offset=_HEAD, shape=(count,))


@contextmanager
def _by_workers(into: IO[bytes] | None) -> Iterator[None]:
    """Let the server hash everybody's rows with the workers it may have: it overrates what it costs to hand rows over."""
    if into is None or connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('parallel_tuple_cost', '0', TRUE)")
        yield


def moments(copied: NDArray[Any]) -> NDArray[np.int64]:
    """Copied moments as microseconds since 1970 in UTC."""
    return copied.astype(np.int64) + _MOMENTS_FROM
