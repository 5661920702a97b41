"""`make bench`: a population made or found, each step in a process of its own, and the table of what was measured.

SCALE names the population (100k, or full for a million leads), STEPS the steps if not all of them; what another run of the
scale has measured then stays in the table.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.database import database_ready, database_tidy, scratch_drop, scratch_make, server_settings
from bench.progress import say
from bench.report import table_write
from bench.scale import PROJECT, SCALES, Scale, scale_chosen

STEPS = (
    "scan",
    "runs",
    "judging",
    "preview",
    "events",
    "seen",
    "lists",
    "check",
    "engine",
    "imports",
    "peers",
    "growth",
)
#: What is measured of smaller populations too, for the growth.
GROWING = ("scan", "runs", "judging", "check")
BENCH_VENV = PROJECT / ".venv-bench" / "bin" / "python"


def main() -> int:
    scale = scale_chosen()
    steps = steps_chosen()
    results = scale.folder / "results"
    if steps == STEPS:
        shutil.rmtree(results, ignore_errors=True)
    say(f"Scale {scale.name}: {', '.join(steps)}")
    database = database_ready(scale)
    failed = []
    for name in steps:
        database_tidy(database.url)
        match name:
            case "growth":
                failed += growth_measure(scale, results)
            case "imports":
                failed += step_run(scale, name, url=scratch_make(), into=results)
                scratch_drop()
            case "peers":
                failed += step_run(scale, "peers_export", url=database.url, into=results) or peers_run(scale, results)
            case _:
                failed += step_run(scale, name, url=database.url, into=results)
    table_write(scale, steps=steps, database=database, settings=server_settings(database.url), failed=failed)
    if failed:
        say(f"Not measured: {', '.join(failed)}; what they said stands above and in {scale.folder / 'log'}.")
    return 1 if failed else 0


def steps_chosen() -> tuple[str, ...]:
    """The steps of STEPS in their own order; all without it. Ends the program for a name that is none."""
    wanted = set((os.environ.get("STEPS") or ",".join(STEPS)).replace(" ", "").split(","))
    if unknown := sorted(wanted.difference(STEPS)):
        raise SystemExit(f"STEPS names {', '.join(unknown)}; there are {', '.join(STEPS)}.")
    return tuple(each for each in STEPS if each in wanted)


def growth_measure(scale: Scale, results: Path) -> list[str]:
    failed = []
    for name in scale.smaller:
        small = SCALES[name]
        database = database_ready(small)
        for step in GROWING:
            database_tidy(database.url)
            failed += step_run(small, step, url=database.url, into=results / "growth" / name)
    return failed


def step_run(scale: Scale, name: str, *, url: str, into: Path) -> list[str]:
    """Run one step; answers its name where it failed."""
    say(f"{name} at {scale.leads:,} leads")
    argv = [sys.executable, "-m", "bench.step", name, str(into / f"{name}.json")]
    return [] if program_run(scale, argv, url=url) else [f"{name} at {scale.name}"]


def peers_run(scale: Scale, results: Path) -> list[str]:
    """Each peer in a process of its own, in the virtual environment that has them."""
    failed = []
    for name in ("rules", "duck", "frames"):
        say(f"peers: {name}")
        argv = [
            str(BENCH_VENV),
            "-m",
            f"bench.peers.{name}",
            str(scale.folder / "peers"),
            str(results / f"peers_{name}.json"),
        ]
        failed += [] if program_run(scale, argv, url="") else [f"peers: {name}"]
    return failed


def program_run(scale: Scale, argv: list[str], *, url: str) -> bool:
    """Whether it ended well and in time; whoever takes longer is told to end."""
    environment = {
        **os.environ,
        "SCALE": scale.name,
        "DATABASE_URL": url,
        "COLUMNS_DIR": str(scale.folder / "columns"),
        "SECRET_KEY": "bench",
        "LOG_LEVEL": "ERROR",
        "MFA_REQUIRED": "false",
        "STATIC_FROM_SOURCES": "true",
        "PYTHONPATH": str(PROJECT),
    }
    with subprocess.Popen(argv, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            return process.wait(scale.step_seconds) == 0
        except subprocess.TimeoutExpired:
            say(f"It takes longer than {scale.step_seconds:,} seconds and is ended.")
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
            return False


if __name__ == "__main__":
    sys.exit(main())
