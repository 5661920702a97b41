"""The column file: facts of the whole population in files that every process of a machine maps.

It is a cache. A generation is begun by a row of ColumnGeneration, committed before anything is read, so that whoever reads
its `since_xid` knows which changes it may have missed (scoring.columns.touched). It is written beside, becomes the current
one by one renaming, and is never changed; columns are only added to it. A process that still maps an older one keeps its
pages. What cannot be read or is not vouched for by its row is as good as not there.
"""

import json
import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import connection

from crm.columns import Asked
from scoring.bulk.columns import Column, Columns
from scoring.bulk.naming import Named
from scoring.columns.days import days_of
from scoring.columns.filed import FIELDS, PROPERTIES, column_is_kept, column_kept, days_kept, stock_mapped
from scoring.columns.folders import database_folder, replacing
from scoring.columns.reading import fields_read, properties_read
from scoring.columns.stock import Stock, columns_of_stock

logger = logging.getLogger(__name__)

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
# Raised when files written before can no longer be read as they are meant.
_FORMAT = 1
_PROPERTIES_AT_ONCE = 4
_VOUCHED = "SELECT xmin::text::bigint FROM scoring_columngeneration WHERE token = %s"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a generation says of itself. `xmin` is of its row; `built_at` of the last reading of everybody, in ISO form;
    `holds_erased` whether texts of somebody erased may still be in it."""

    token: str
    number: int
    since_xid: int
    xmin: int
    built_at: str
    made_at: str
    holds_erased: bool = False
    format: int = _FORMAT

    def write(self, folder: Path) -> None:
        with replacing(folder / MANIFEST) as file:
            file.write(json.dumps(asdict(self)).encode())

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Raises OSError or ValueError."""
        try:
            found = cls(**json.loads((folder / MANIFEST).read_bytes()))
            UUID(found.token), datetime.fromisoformat(found.built_at), datetime.fromisoformat(found.made_at)
        except (TypeError, AttributeError) as error:
            raise ValueError(f"The manifest cannot be read: {error}") from error
        if found.format != _FORMAT:
            raise ValueError(f"The file is of format {found.format} and not of {_FORMAT}.")
        return found


class GenerationGoneError(Exception):
    """The file was overtaken while it was used, and what was touched since it was begun is no longer kept: ask for the
    current one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Generation:
    """A column file as this process maps it; `columns` are right for every lead that `leads_touched` does not name."""

    token: UUID
    number: int
    columns: Columns
    since_xid: int
    path: Path
    manifest: Manifest = field(repr=False)
    stock: Stock = field(repr=False)


# By folder: what this process has mapped, and which tokens it said cannot be used.
_mapped: dict[Path, Generation] = {}
_refused: set[str] = set()


def generation_current() -> Generation | None:
    """The file of this machine, mapped; None where there is none that can be believed. Never builds.

    Costs one look at a file and one at its row.
    """
    try:
        root = database_folder()
        token = (root / CURRENT).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _refuse(CURRENT, error)
        return None
    known = _mapped.get(root)
    try:
        if known is None or str(known.token) != token:
            known = generation_mapped(root / str(UUID(token)))
            _mapped[root] = known
    except (OSError, ValueError) as error:
        _refuse(token, error)
        return None
    if not is_vouched_for(known.manifest):
        _mapped.pop(root, None)
        _refuse(token, "its row is not there: another database, or one that was restored")
        return None
    return known


def generation_mapped(folder: Path) -> Generation:
    """Raises OSError or ValueError where it is damaged."""
    manifest, stock = Manifest.read(folder), stock_mapped(folder)
    return Generation(
        token=UUID(manifest.token),
        number=manifest.number,
        columns=_columns(folder, stock),
        since_xid=manifest.since_xid,
        path=folder,
        manifest=manifest,
        stock=stock,
    )


def columns_add(generation: Generation, named: Named) -> None:
    """Read what is named and not in the file yet: all fields by one statement, all properties by another."""
    folder, stock = generation.path, generation.stock
    into = folder if folder.is_dir() else None
    lead_ids, rows = stock.lead_ids, stock.arranged.row
    lacking = [name for name in named.fields if not column_is_kept(folder, FIELDS, name, len(lead_ids))]
    for name, column in (fields_read(Asked(), lead_ids, lacking, folder=into) if lacking else {}).items():
        column_kept(folder, FIELDS, name, len(lead_ids), partial(_as_it_is, column))
    lacking = [name for name in named.properties if not column_is_kept(folder, PROPERTIES, name, len(rows))]
    # As many bytes each as four for every activity.
    for start in range(0, len(lacking), _PROPERTIES_AT_ONCE):
        part = lacking[start : start + _PROPERTIES_AT_ONCE]
        for name, column in properties_read(Asked(), rows, part, folder=into).items():
            column_kept(folder, PROPERTIES, name, len(rows), partial(_as_it_is, column))


def _columns(folder: Path, stock: Stock) -> Columns:
    everybody, lead_ids, rows = Asked(), stock.lead_ids, stock.arranged.row

    def field(name: str) -> Column:
        return column_kept(folder, FIELDS, name, len(lead_ids), lambda: fields_read(everybody, lead_ids, [name])[name])

    def properties(name: str) -> Column:
        def read() -> Column:
            return properties_read(everybody, rows, [name], folder=folder if folder.is_dir() else None)[name]

        return column_kept(folder, PROPERTIES, name, len(rows), read)

    return columns_of_stock(
        stock,
        field=field,
        properties=properties,
        days=lambda zone: days_kept(folder, zone.key, len(rows), lambda: days_of(stock.arranged.moment, zone)),
    )


def _as_it_is(column: Column) -> Column:
    return column


def is_vouched_for(manifest: Manifest) -> bool:
    """Whether the row is the one that this file was begun with: a copy of it was written by another transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_VOUCHED, [manifest.token])
        return bool(cursor.fetchone() == (manifest.xmin,))


def _refuse(token: str, reason: object) -> None:
    if token not in _refused:
        _refused.add(token)
        logger.warning("The column file cannot be used and will be made anew: %s", reason)
