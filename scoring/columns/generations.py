"""Which column file there is, and when it is made, extended or made anew."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.utils import timezone

from crm.columns import touched_erased
from crm.models import Lead
from crm.services.work import touches_forget
from scoring.columns.building import generation_build, generation_extend
from scoring.columns.folders import database_folder, locked
from scoring.columns.mapped import Generation as Generation
from scoring.columns.mapped import generation_current as generation_current
from scoring.columns.touched import leads_touched
from scoring.models import ColumnGeneration

#: Fewer leads are read as fast as they are kept.
KEPT_FROM: Final = 5_000
# Touched leads are read with each run: more than so many, or so large a part, and the file is extended.
_TOUCHED: Final = 2_000
_TOUCHED_PART: Final = 100
# A larger part and everybody is read again.
_MOST_PART: Final = 4
_EXTENDED_AFTER: Final = timedelta(days=1)
_BUILT_AFTER: Final = timedelta(days=7)
# What an erased person said is gone from the file so soon, without a new file for each of many.
_ERASED_AFTER: Final = timedelta(hours=6)
_ROWS_KEPT: Final = timedelta(days=3)


def generation_refresh() -> Generation:
    """The column file, made or brought up where there is need; waits for another process of this machine that is at it.

    Takes seconds for some thousand touched leads, and minutes for millions of activities. Call it outside of a
    transaction. Raises OSError where the disk cannot hold it.
    """
    root = database_folder()
    with locked(root / "lock"):
        _refresh(root)
        found = generation_current()
    if found is None:
        raise OSError("The column file was made and cannot be read.")
    return found


def generation_rebuild() -> Generation:
    """Read everybody again, whatever there is."""
    root = database_folder()
    with locked(root / "lock"):
        generation_build(root, like=generation_current())
        _clear(root)
    return generation_refresh()


def generation_keep() -> int:
    """Bring the file up if that is due and nobody is at it, and forget what no file needs; 1 where one was made.

    A population too small for a file has none made for it.
    """
    root = database_folder()
    with locked(root / "lock", wait=False) as is_ours:
        if not is_ours:
            return 0
        if generation_current() is None and not _is_worth_it():
            _clear(root)
            return 0
        return int(_refresh(root))


def _refresh(root: Path) -> bool:
    """Whether one was made."""
    current = generation_current()
    is_made = True
    if current is None or _is_spent(current):
        generation_build(root, like=current)
    elif _is_behind(current):
        generation_extend(root, current)
    else:
        is_made = False
    _clear(root)
    return is_made


def _is_spent(current: Generation) -> bool:
    """Whether everybody is to be read again."""
    age = datetime.now(UTC) - datetime.fromisoformat(current.manifest.built_at)
    if age > _BUILT_AFTER or len(leads_touched(current)) > max(_TOUCHED, len(current.columns) // _MOST_PART):
        return True
    is_due = age > _ERASED_AFTER
    return is_due and (current.manifest.holds_erased or touched_erased(since_xid=current.since_xid))


def _is_behind(current: Generation) -> bool:
    age = datetime.now(UTC) - datetime.fromisoformat(current.manifest.made_at)
    most = min(_TOUCHED, max(1, len(current.columns) // _TOUCHED_PART))
    return age > _EXTENDED_AFTER or len(leads_touched(current)) > most


def _is_worth_it() -> bool:
    return Lead.objects.order_by("pk").values("pk")[KEPT_FROM - 1 : KEPT_FROM].exists()


def _clear(root: Path) -> None:
    """Delete the generations that were overtaken, and the touches that none that is left asks for.

    The row of the last but one stays: who took that file a moment ago still asks for its touches.
    """
    current = generation_current()
    kept = "" if current is None else str(current.token)
    for folder in root.iterdir():
        if folder.is_dir() and folder.name != kept:
            shutil.rmtree(folder, ignore_errors=True)
    host = root / "HOST"
    if host.exists():
        rows = ColumnGeneration.objects.filter(host=host.read_text(encoding="ascii")).order_by("-pk")
        kept_rows = [] if current is None else [current.number, *rows.values_list("pk", flat=True)[:2]]
        rows.exclude(pk__in=kept_rows).delete()
    # A machine that brought nothing up for days is gone, or makes a new file.
    ColumnGeneration.objects.filter(made_at__lt=timezone.now() - _ROWS_KEPT).delete()
    oldest = ColumnGeneration.objects.order_by("since_xid").values_list("since_xid", flat=True).first()
    touches_forget(before_xid=oldest)
