import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leadscore.embedded.errors import CannotStart, ChildDied, Stopped
from leadscore.embedded.processes import Command
from leadscore.embedded.roster import Roster, process_started
from leadscore.embedded.signals import StopWish
from leadscore.embedded.supervisor import Supervisor
from tests.embedded.launcher import PROJECT, eventually


def script(var: Path, code: str, *, name: str = "program", stage: int = 0, patience: float = 10) -> Command:
    return Command(
        name=name,
        argv=(sys.executable, "-c", code),
        environment=os.environ,
        folder=var,
        log=var / "log" / f"{name}.log",
        stage=stage,
        patience=patience,
    )


def test_the_death_of_one_program_stops_the_others_and_shows_its_last_words(var: Path) -> None:
    with (
        pytest.raises(ChildDied, match=r"(?s)worker ended by itself with exit code 3.*no more leads"),
        Supervisor(roster=Roster(var / "roster"), wish=StopWish()) as supervisor,
    ):
        other = supervisor.start(script(var, "import time; time.sleep(300)", name="web"))
        supervisor.start(script(var, "print('no more leads'); raise SystemExit(3)", name="worker"))
        supervisor.watch()
    assert other.exit_code == -signal.SIGTERM


def test_a_step_that_fails_shows_its_last_words(var: Path, supervisor: Supervisor) -> None:
    with pytest.raises(CannotStart, match=r"(?s)migrate failed with exit code 1.*no such table"):
        supervisor.finish(script(var, "raise SystemExit('no such table')", name="migrate"))


def test_a_wish_to_stop_ends_a_step_that_is_running(var: Path) -> None:
    wish = StopWish()
    with pytest.raises(Stopped), Supervisor(roster=Roster(var / "roster"), wish=wish) as supervisor:
        wish.received = signal.SIGINT
        supervisor.finish(script(var, "import time; time.sleep(300)"))


def test_the_highest_stage_is_stopped_first(var: Path) -> None:
    code = (
        "import pathlib, signal, sys, time\n"
        "def end(number, frame):\n"
        "    with open('order', 'a') as file: file.write(sys.argv[0] + {name!r})\n"
        "    raise SystemExit\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path({name!r}).touch()\n"
        "time.sleep(300)\n"
    )
    with Supervisor(roster=Roster(var / "roster"), wish=StopWish()) as supervisor:
        for stage, name in ((1, "worker"), (3, "web"), (0, "database")):
            supervisor.start(script(var, code.format(name=name), name=name, stage=stage))
            eventually((var / name).exists, f"{name} runs")
    assert (var / "order").read_text().replace("-c", " ").split() == ["web", "worker", "database"]


def test_a_program_that_ignores_the_signal_is_killed_with_its_children(var: Path) -> None:
    code = (
        "import pathlib, signal, subprocess, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path('pid.new').write_text(str(subprocess.Popen(['sleep', '300']).pid))\n"
        "pathlib.Path('pid.new').rename('pid')\n"
        "time.sleep(300)\n"
    )
    with Supervisor(roster=Roster(var / "roster"), wish=StopWish()) as supervisor:
        child = supervisor.start(script(var, code, patience=0.2))
        eventually((var / "pid").exists, "the program runs")
        grandchild = int((var / "pid").read_text())
    assert child.exit_code == -signal.SIGKILL
    eventually(lambda: process_started(grandchild) is None, "its child is gone")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_children_end_with_a_launcher_that_was_killed(var: Path) -> None:
    code = (
        "import os, pathlib, sys, time\n"
        "from leadscore.embedded.processes import Command, child_start\n"
        "var = pathlib.Path(sys.argv[1])\n"
        "child = child_start(Command(name='nap', argv=('sleep', '300'), environment=os.environ, folder=var, log=var / 'l'))\n"
        "print(child.process.pid, flush=True)\n"
        "time.sleep(300)\n"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code, str(var)], cwd=PROJECT, stdout=subprocess.PIPE)
    assert launcher.stdout is not None
    child = int(launcher.stdout.readline())
    assert process_started(child) is not None
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    eventually(lambda: process_started(child) is None, "the child is gone")


def test_a_program_that_is_not_there_is_named(var: Path, supervisor: Supervisor) -> None:
    command = Command(name="x", argv=("/no/such/program",), environment={}, folder=var, log=var / "x.log")
    with pytest.raises(CannotStart, match="/no/such/program cannot be run"):
        supervisor.start(command)


def test_an_answer_that_never_comes_ends_the_waiting(supervisor: Supervisor) -> None:
    begun = time.monotonic()
    with pytest.raises(CannotStart, match="PostgreSQL did not answer within"):
        supervisor.wait_until(lambda: False, what="PostgreSQL", seconds=0.2)
    assert time.monotonic() > begun
