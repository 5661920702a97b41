"""The bench's own databases, beside the one of DATABASE_URL, which is never touched."""

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from bench.generator.loading import population_load
from bench.progress import say
from bench.scale import GENERATOR, PROJECT, SEED, Scale

# Ages move with the days: what was hot is not for ever.
STALE = timedelta(days=14)
#: What a run leaves behind and the next one begins without; facts stay.
_LEFT_BEHIND = (
    "crm_work", "crm_leadtouch", "crm_factchange", "crm_quarantine", "crm_likenesskey", "crm_possibleduplicate",
    "scoring_score", "scoring_scorechange", "scoring_scoredrange", "scoring_runrange", "scoring_run",
    "scoring_columngeneration", "scoring_scoredistribution", "scoring_versionedit", "scoring_matrixversion",
    "scoring_scoringmodel", "handoff_handoff", "handoff_suppression", "accounts_apikey",
)  # fmt: skip

#: What steps write much of.
_WRITTEN = (
    "crm_lead", "crm_work", "crm_leadtouch", "scoring_score", "scoring_scorechange", "scoring_runrange",
    "handoff_handoff", "handoff_suppression",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BenchDatabase:
    """One population; `is_reused` where an earlier run had made it."""

    url: str
    made_at: str
    is_reused: bool


def url_of(name: str) -> str:
    """The address of a database beside the product's. Ends the program where DATABASE_URL is not set."""
    given = os.environ.get("DATABASE_URL")
    if not given:
        raise SystemExit("DATABASE_URL is not set: start with `make bench`, which brings a PostgreSQL of its own.")
    return urlunsplit(urlsplit(given)._replace(path=f"/{name}"))


def name_of(scale: Scale) -> str:
    """`leadscore` has `leadscore_bench_100k` beside it."""
    return f"{_product()}_bench_{scale.name}"


def database_ready(scale: Scale) -> BenchDatabase:
    """The population of the scale, made where it is not there, without what earlier runs left on it."""
    name = name_of(scale)
    url = url_of(name)
    marker = _marker(name)
    if marker is not None and _is_good(marker, scale):
        say(f"{name}: made {marker['made_at']}, used again")
        _migrate(url)
        _sweep(url, marker)
        return BenchDatabase(url=url, made_at=marker["made_at"], is_reused=True)
    say(f"{name}: making {scale.leads:,} leads with {scale.activities:,} activities")
    database_drop(scale)
    _maintain(f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"')
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    with closing(psycopg2.connect(url)) as connection:
        population_load(connection, scale)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_marker (what jsonb NOT NULL)")
            cursor.execute(
                "INSERT INTO bench_marker SELECT %s::jsonb || jsonb_build_object("
                "'last_lead', (SELECT max(id) FROM crm_lead), 'last_activity', (SELECT max(id) FROM crm_activity))",
                [json.dumps({**_identity(scale), "made_at": made_at})],
            )
    say(f"{name}: ready")
    return BenchDatabase(url=url, made_at=made_at, is_reused=False)


def database_drop(scale: Scale) -> None:
    _maintain(f'DROP DATABASE IF EXISTS "{name_of(scale)}"')


def scratch_make() -> str:
    """An empty database for a step that wants none of the population; its address."""
    name = f"{_product()}_bench_scratch"
    _maintain(f'DROP DATABASE IF EXISTS "{name}"')
    _maintain(f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"')
    return url_of(name)


def scratch_drop() -> None:
    _maintain(f'DROP DATABASE IF EXISTS "{_product()}_bench_scratch"')


def database_tidy(url: str) -> None:
    """What autovacuum would do between two steps, where the server has it switched off: it is not what is measured."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            if _asked(cursor, "SHOW autovacuum") == "off":
                cursor.execute(f"VACUUM (ANALYZE) {', '.join(_WRITTEN)}")


def server_settings(url: str) -> dict[str, str]:
    """What the server says of itself."""
    names = (
        "server_version", "shared_buffers", "work_mem", "effective_cache_size", "max_wal_size", "checkpoint_timeout",
        "wal_compression", "fsync", "synchronous_commit", "full_page_writes", "autovacuum",
    )  # fmt: skip
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        return {name: _asked(cursor, f"SHOW {name}") for name in names}


def _template() -> str:
    """An empty database with today's schema, from which the others are copied: to migrate takes longer than to fill a small one."""
    name = f"{_product()}_bench_empty"
    if not _exists(name):
        _maintain(f'CREATE DATABASE "{name}"')
    _migrate(url_of(name))
    return name


def _migrate(url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url}
    argv = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity=0"]
    done = subprocess.run(argv, cwd=PROJECT, env=environment, check=False)
    if done.returncode:
        raise SystemExit("The schema of the bench's database could not be made; what was said above tells why.")


def _identity(scale: Scale) -> dict[str, object]:
    return {"seed": SEED, "generator": GENERATOR, "leads": scale.leads, "activities": scale.activities}


def _is_good(marker: dict[str, Any], scale: Scale) -> bool:
    wanted = _identity(scale)
    is_fresh = datetime.now(UTC) - datetime.fromisoformat(marker["made_at"]) < STALE
    return is_fresh and {name: marker.get(name) for name in wanted} == wanted


def _sweep(url: str, marker: dict[str, Any]) -> None:
    """Take away what an earlier run added: activities and leads of its own, scores, runs, versions, hand-offs."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(_LEFT_BEHIND)} CASCADE")
            cursor.execute("DELETE FROM crm_activity WHERE id > %s", [marker["last_activity"]])
            cursor.execute("DELETE FROM crm_externalid WHERE lead_id > %s", [marker["last_lead"]])
            cursor.execute("DELETE FROM crm_lead WHERE id > %s", [marker["last_lead"]])
            cursor.execute("VACUUM (ANALYZE) crm_lead, crm_activity")


def _marker(name: str) -> dict[str, Any] | None:
    if not _exists(name):
        return None
    with closing(psycopg2.connect(url_of(name))) as connection, connection.cursor() as cursor:
        if _asked(cursor, "SELECT to_regclass('bench_marker')") is None:
            return None
        found: dict[str, Any] | None = _asked(cursor, "SELECT what FROM bench_marker")
        return found


def _product() -> str:
    return urlsplit(os.environ.get("DATABASE_URL", "")).path.strip("/")


def _exists(name: str) -> bool:
    with closing(psycopg2.connect(url_of("postgres"))) as connection, connection.cursor() as cursor:
        return bool(_asked(cursor, "SELECT 1 FROM pg_database WHERE datname = %s", [name]))


def _maintain(statement: str) -> None:
    with closing(psycopg2.connect(url_of("postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _asked(cursor: "psycopg2.extensions.cursor", query: str, values: list[object] | None = None) -> Any:
    cursor.execute(query, values)
    row = cursor.fetchone()
    return row[0] if row else None
