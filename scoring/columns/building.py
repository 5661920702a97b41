"""Making a generation: from the database alone, or from the last one and the leads touched since."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from crm.columns import Asked, touched_erased
from scoring.bulk.columns import Column
from scoring.columns.days import days_of
from scoring.columns.filed import (
    DAYS,
    FIELDS,
    PROPERTIES,
    column_kept,
    days_kept,
    making,
    names_kept,
    stock_write,
)
from scoring.columns.folders import on_disk, private_folder, replacing
from scoring.columns.mapped import CURRENT, Generation, Manifest
from scoring.columns.reading import fields_read, properties_read, stock_read
from scoring.columns.splicing import Splice, column_of_activities, column_of_leads, stock_spliced
from scoring.columns.touched import leads_touched

logger = logging.getLogger(__name__)

_BEGIN = """
INSERT INTO scoring_columngeneration (token, host, xid, since_xid, made_at)
VALUES (%s, %s, pg_current_xact_id()::text::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, now())
RETURNING id, since_xid, xmin::text::bigint
"""
_HOST = "HOST"
_BEING_MADE = ".making"


def generation_build(root: Path, *, like: Generation | None = None) -> None:
    """Read everybody. Fields that `like` holds are read at once with one statement. The caller holds the root's lock."""
    with _made(root) as (folder, manifest):
        stock = stock_read(Asked(), make=making(folder), folder=folder)
        stock_write(folder, stock)
        names = list(names_kept(like.path, FIELDS)) if like is not None else []
        for name, column in (fields_read(Asked(), stock.lead_ids, names, folder=folder) if names else {}).items():
            column_kept(folder, FIELDS, name, len(stock.lead_ids), partial(_as_it_is, column))
        manifest.write(folder)


def generation_extend(root: Path, last: Generation) -> None:
    """Read the leads touched since the last one was begun, and copy the rest. The caller holds the root's lock."""
    with _made(root) as (folder, manifest):
        # After the new one was begun: who is touched from now on is so for both.
        touched = leads_touched(last)
        asked = Asked(lead_ids=touched.tolist())
        fresh = stock_read(asked, make=lambda _name, count, form: np.empty(count, form), folder=folder)
        splice = Splice(last.stock, fresh, touched)
        stock = stock_spliced(splice, folder)
        stock_write(folder, stock)
        _columns_extend(folder, last, splice, asked)
        held = last.manifest.holds_erased or touched_erased(since_xid=last.since_xid)
        replace(manifest, built_at=last.manifest.built_at, holds_erased=held).write(folder)
    logger.info("The column file was extended by %s leads.", len(touched))


def _columns_extend(folder: Path, last: Generation, splice: Splice, asked: Asked) -> None:
    fresh, old = splice.fresh, last.columns
    names = list(names_kept(last.path, FIELDS))
    for name, column in (fields_read(asked, fresh.lead_ids, names) if names else {}).items():
        column_kept(
            folder,
            FIELDS,
            name,
            len(splice.lead_ids),
            partial(column_of_leads, splice, old.field(name), column),
        )
    count = int(splice.first[-1])
    names = list(names_kept(last.path, PROPERTIES))
    for name, column in properties_read(asked, fresh.arranged.row, names).items():
        column_kept(
            folder,
            PROPERTIES,
            name,
            count,
            partial(column_of_activities, splice, old.activities.properties(name), column),
        )
    for key in names_kept(last.path, DAYS):
        zone = ZoneInfo(key)

        def days(zone: ZoneInfo = zone) -> NDArray[np.int32]:
            into = np.empty(count, np.int32)
            splice.activities(old.activities.days(zone), days_of(fresh.arranged.moment, zone), into)
            return into

        days_kept(folder, key, count, days)


def _as_it_is(column: Column) -> Column:
    return column


@contextmanager
def _made(root: Path) -> Iterator[tuple[Path, Manifest]]:
    """A folder to be filled, begun in the database; in its place and the current one if all went well, else gone."""
    for left in root.glob(f"*{_BEING_MADE}"):
        shutil.rmtree(left, ignore_errors=True)
    manifest = _begun(_host(root))
    folder = private_folder(root / f"{manifest.token}{_BEING_MADE}")
    try:
        yield folder, manifest
        on_disk(folder)
        folder.rename(root / manifest.token)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    with replacing(root / CURRENT) as file:
        file.write(manifest.token.encode())


def _begun(host: str) -> Manifest:
    """The row, committed before anything is read."""
    token = str(uuid4())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BEGIN, [token, host])
        number, since_xid, xmin = cursor.fetchone()
    now = datetime.now(UTC).isoformat()
    return Manifest(token=token, number=number, since_xid=since_xid, xmin=xmin, built_at=now, made_at=now)


def _host(root: Path) -> str:
    """The name of this place: machines that share the folder share the file."""
    path = root / _HOST
    if not path.exists():
        with replacing(path) as file:
            file.write(uuid4().hex.encode())
    return path.read_text(encoding="ascii")
