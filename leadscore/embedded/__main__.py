"""The launcher's command line."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import environ

from leadscore.embedded.console import complain, say
from leadscore.embedded.demo import demo_run
from leadscore.embedded.environment import empty_wanted
from leadscore.embedded.errors import CannotStart, Stopped
from leadscore.embedded.lock import Lock, lock_hold
from leadscore.embedded.roster import Roster
from leadscore.embedded.runner import command_run
from leadscore.embedded.services import Folder
from leadscore.embedded.signals import StopWish
from leadscore.embedded.store import store_remove
from leadscore.embedded.supervisor import Supervisor

PROJECT = Path(__file__).resolve().parents[2]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the launcher's commands and return its exit code."""
    options = parser().parse_args(argv)
    umask = os.umask(0o077)
    # As the settings do: .env counts where the environment is silent.
    environ.Env.read_env(PROJECT / ".env")
    try:
        is_empty = options.action == "demo" and empty_wanted(os.environ)
        folder = Folder(var=(options.var or default_var("empty" if is_empty else options.action)).resolve())
        folder.var.mkdir(parents=True, exist_ok=True)
        with lock_hold(folder.lock) as lock:
            return act(options, folder=folder, lock=lock, umask=umask)
    except CannotStart as error:
        complain(str(error))
    except PermissionError as error:
        complain(f"{error.filename} belongs to another user: run as that one, or delete {folder.var}.")
    return 1


def act(options: argparse.Namespace, *, folder: Folder, lock: Lock, umask: int) -> int:
    """Do what was asked for, holding the lock."""
    wish = StopWish()
    wish.listen()
    roster = Roster(folder.roster)
    for name in roster.reap():
        say(f"  Ended {name}, left behind by an earlier start")
    if options.action == "clean":
        clean(folder.var)
        return 0
    try:
        with Supervisor(roster=roster, wish=wish) as supervisor:
            if options.action == "demo":
                demo_run(
                    project=PROJECT,
                    folder=folder,
                    lock=lock,
                    supervisor=supervisor,
                    given=os.environ,
                    is_empty=empty_wanted(os.environ),
                )
                return 0
            if not options.keep:
                # Data of an earlier run is thrown away, so that no test can lean on it.
                store_remove(folder.var)
            lock.announce(f"process {os.getpid()}, running: {' '.join(options.command)}")
            return command_run(
                options.command,
                project=PROJECT,
                folder=folder,
                supervisor=supervisor,
                wish=wish,
                given=os.environ,
                umask=umask,
                durable=options.keep,
            )
    except Stopped:
        return 0 if options.action == "demo" else 128 + int(wish.received or 0)
    finally:
        if options.action == "demo":
            say("Stopped")
        elif not options.keep:
            store_remove(folder.var)


def clean(var: Path) -> None:
    """Delete what the demo, the tests and the bench have left; their locks are taken too, so none of them is running."""
    for beside in (var / "test", var / "empty", var / "bench"):
        if beside.exists():
            with lock_hold(Folder(var=beside).lock):
                store_remove(beside)
    store_remove(var)
    shutil.rmtree(var)


def default_var(action: str) -> Path:
    """Where an action keeps its data: an empty start beside the demo's, so that neither touches the other's."""
    return {"run": PROJECT / "var" / "test", "empty": PROJECT / "var" / "empty"}.get(action, PROJECT / "var")


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m leadscore.embedded", description=__doc__)
    parser.add_argument("--var", type=Path, help="the folder for data and logs (var, and var/test for run)")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("demo", help="start the product with the demo company, or with EMPTY=1 without, until Ctrl-C")
    actions.add_parser("clean", help="delete the data and logs of the demo, the tests and the bench")
    run = actions.add_parser("run", help="run a command with a PostgreSQL and a Valkey of its own")
    run.add_argument("--keep", action="store_true", help="keep the data for the next run, as a demo does")
    run.add_argument("command", nargs="+", metavar="COMMAND", help="after --")
    return parser


if __name__ == "__main__":
    sys.exit(main())
