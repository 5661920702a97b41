"""How PostgreSQL is set up for this machine: what it takes of the memory and the disk, and how its writing is spread.

The servers of tests are small, since they live for minutes beside each other and write into tables that are emptied again.
One that keeps its data is sized as `docs/operations.md` advises for any PostgreSQL with these leads.
"""

import os
import shutil
from pathlib import Path

MB = 1024 * 1024
GB = 1024 * MB
SMALL = {"shared_buffers": "128MB", "max_wal_size": "2GB"}
# Where a container is told how much memory it may take, newer kernels first.
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_bytes(limits: tuple[Path, ...] = LIMITS) -> int:
    """Return the machine's memory, or what this container may take of it."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in limits:
        try:
            found.append(int(path.read_text()))
        except (OSError, ValueError):
            # No such file, or "max".
            continue
    return min(found)


def sized_settings(data: Path, *, memory: int | None = None) -> dict[str, str]:
    """Return the settings of a server that keeps its data in this folder."""
    memory = memory_bytes() if memory is None else memory
    room = shutil.disk_usage(data).free
    return {
        # Taken as pages are used: a small demo on a large machine does not take them.
        "shared_buffers": _mb(memory // 8, least=128 * MB, most=8 * GB),
        "effective_cache_size": _mb(memory // 2, least=256 * MB),
        "maintenance_work_mem": _mb(memory // 64, least=64 * MB, most=512 * MB),
        # After each checkpoint a page is logged whole the first time it changes, and a run over all scores changes most pages.
        "max_wal_size": _mb(room // 8, least=GB, most=4 * GB),
        "checkpoint_timeout": "15min",
        # lz4 is worth it, but not every build has it; pglz, which all have, costs ten times what the writing does.
        "wal_compression": "off",
        # Disks without arms.
        "random_page_cost": "1.1",
        "autovacuum": "on",
    }


def _mb(wanted: int, *, least: int, most: int | None = None) -> str:
    return f"{max(least, min(wanted, most or wanted)) // MB}MB"
