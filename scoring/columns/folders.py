"""Where the column file lies, and how files come and go there without anybody seeing half of one."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray


def database_folder() -> Path:
    """The folder of this database under COLUMNS_DIR; made where it is not there, for this user alone."""
    told = connection.settings_dict
    name = "\n".join(str(told.get(each) or "") for each in ("HOST", "PORT", "NAME"))
    above = private_folder(Path(settings.COLUMNS_DIR))
    return private_folder(above / hashlib.sha256(name.encode()).hexdigest()[:16])


def private_folder(path: Path) -> Path:
    """Made where it is not there; nobody else may look in."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold this file's lock, which goes with the process; whether it is ours, always so where it is waited for."""
    with path.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file beside and put it in place when it is whole and on the disk: after a power cut it is as it was or as it
    is. One writer at a time: what a killed one left is replaced."""
    beside = path.with_name(f"{path.name}.part")
    with beside.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def array_write(path: Path, array: NDArray[Any]) -> None:
    with replacing(path) as file:
        np.save(file, np.asarray(array))


def array_made(path: Path, count: int, form: Any) -> NDArray[Any]:
    """A mapped array to be filled. Raises OSError where the disk has no room: found out later it would end the process."""
    made: NDArray[Any] = np.lib.format.open_memmap(path, mode="w+", dtype=form, shape=(count,))
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)
    return made


def array_mapped(path: Path, form: Any, count: int | None = None) -> NDArray[Any]:
    """Raises OSError or ValueError where it is not there, cut off, or something else."""
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except EOFError as error:
        raise ValueError(f"{path.name} is empty.") from error
    if found.dtype != form or found.ndim != 1 or (count is not None and len(found) != count):
        raise ValueError(f"{path.name} holds {found.dtype} {found.shape} where {count} {np.dtype(form)} are expected.")
    return found


def on_disk(folder: Path) -> None:
    """All files of a folder, as they are now, survive a power cut."""
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
