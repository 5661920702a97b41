import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadscore.embedded.roster import Roster, process_started
from tests.embedded.launcher import eventually

NAP = (sys.executable, "-c", "import time; time.sleep(300)")


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(NAP, start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_a_process_left_behind_is_ended_by_the_next_start(var: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    Roster(var / "roster").add(name="worker", pid=sleeper.pid, stop_signal=signal.SIGTERM)
    assert Roster(var / "roster").reap() == ["worker"]
    assert sleeper.wait(timeout=60) == -signal.SIGTERM


def test_a_recycled_process_id_is_left_alone(var: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    Roster(var / "roster").add(name="worker", pid=sleeper.pid, stop_signal=signal.SIGTERM)
    rows = json.loads((var / "roster").read_text())
    rows[0]["started"] = "an earlier boot 1234"
    (var / "roster").write_text(json.dumps(rows))
    assert Roster(var / "roster").reap() == []
    assert sleeper.poll() is None


def test_the_children_of_a_left_behind_process_go_with_it(var: Path) -> None:
    script = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '300']).pid, flush=True); time.sleep(300)"
    parent = subprocess.Popen([sys.executable, "-c", script], start_new_session=True, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    grandchild = int(parent.stdout.readline())
    Roster(var / "roster").add(name="worker", pid=parent.pid, stop_signal=signal.SIGTERM)
    Roster(var / "roster").reap()
    parent.wait(timeout=60)
    parent.stdout.close()
    eventually(lambda: process_started(grandchild) is None, "its child is gone")


@pytest.mark.parametrize("text", ["", "[{", '[{"name": "web"}]', "7"])
def test_a_roster_cut_short_counts_as_empty(var: Path, text: str) -> None:
    (var / "roster").write_text(text)
    assert Roster(var / "roster").reap() == []


def test_a_zombie_counts_as_ended() -> None:
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert process_started(process.pid) is None
    process.wait()
