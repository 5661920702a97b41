"""What nobody has measured yet is measured beside the request that asked for it, once, by a thread of its own."""

import logging
from datetime import date
from threading import Lock, Thread, current_thread
from time import monotonic

from django.db import connections

from scoring.engine.compiled import CompiledMatrix
from scoring.preview.sources import Source

logger = logging.getLogger(__name__)

_lock = Lock()
# What threads of this process are measuring; other processes are kept apart by the file's own locks.
_under_way: dict[tuple[int, str, date], Thread] = {}
_began: dict[Thread, float] = {}


def measuring_start(
    source: Source, compiled: CompiledMatrix, as_of: date, kinds: frozenset[str], fingerprints: list[str]
) -> None:
    """Have these measured unless that is under way already."""
    with _lock:
        keys = [(id(source), each, as_of) for each in fingerprints]
        if all(key in _under_way for key in keys):
            return
        thread = Thread(
            target=_measure, args=(source, compiled, as_of, kinds, keys), name="preview-measuring", daemon=True
        )
        _under_way.update(dict.fromkeys(keys, thread))
        _began[thread] = monotonic()
        thread.start()


def measuring_seconds() -> int | None:
    """For how long this process has been at what it is measuring; None where it measures nothing."""
    with _lock:
        began = min(_began.values(), default=None)
    return None if began is None else int(monotonic() - began)


def measuring_join() -> None:
    """Wait until nothing is under way."""
    for thread in {*_under_way.values()}:
        thread.join()


def _measure(
    source: Source,
    compiled: CompiledMatrix,
    as_of: date,
    kinds: frozenset[str],
    keys: list[tuple[int, str, date]],
) -> None:
    try:
        source.measure(compiled, as_of, kinds)
    except Exception:
        logger.exception("Criteria of a draft could not be measured; they are tried again when they are asked for.")
    finally:
        with _lock:
            for key in keys:
                _under_way.pop(key, None)
            _began.pop(current_thread(), None)
        # Fields that the file did not have yet were read over a connection of this thread.
        connections.close_all()
