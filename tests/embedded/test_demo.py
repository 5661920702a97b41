"""The whole of `make demo`, as a person meets it."""

import http.client
import re
import signal
import subprocess
from pathlib import Path

import pytest

from leadscore.embedded.roster import process_started
from tests.embedded.launcher import eventually, family, launched, survivors
from tests.embedded.test_servers import execute

pytestmark = pytest.mark.prove

SECRET_SETTINGS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TOMBSTONE_KEY")


def ready(launcher: "subprocess.Popen[str]") -> tuple[str, str]:
    """Read what the launcher says until it is ready; return the address and everything said so far."""
    assert launcher.stdout is not None
    said = ""
    while line := launcher.stdout.readline():
        said += line
        if line.startswith("Data and logs"):
            found = re.search(r"ready at (http://\S+)", said)
            assert found is not None
            return found.group(1), said
    raise AssertionError(f"the launcher ended: {said}")


def status(address: str, path: str) -> int:
    host, _, port = address.removeprefix("http://").rstrip("/").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def setting(var: Path, name: str) -> str:
    return dict(line.split("=", 1) for line in (var / "demo.env").read_text().splitlines())[name]


def test_the_demo_starts_stops_without_a_trace_and_starts_again_with_its_data(var: Path) -> None:
    with launched(["demo"], var=var, unset=SECRET_SETTINGS, PORT="0") as launcher:
        address, said = ready(launcher)
        assert "@" in said, "the sign-ins are printed"
        assert status(address, "/health/ready") == 200
        assert status(address, "/accounts/login/") == 200
        with launched(["demo"], var=var, unset=SECRET_SETTINGS, PORT="0") as second:
            assert address in second.communicate(timeout=60)[0]
        url = setting(var, "DATABASE_URL")
        leads = execute(url, "SELECT count(*) FROM crm_lead")
        execute(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        started = family(launcher.pid)
        launcher.send_signal(signal.SIGINT)
        launcher.wait(timeout=60)
    assert launcher.returncode == 0
    assert survivors(started) == []
    assert not (var / "demo.env").exists()
    with launched(["demo"], var=var, unset=SECRET_SETTINGS, PORT="0") as launcher:
        ready(launcher)
        url = setting(var, "DATABASE_URL")
        assert execute(url, "SELECT answer FROM kept") == [(42,)]
        assert execute(url, "SELECT count(*) FROM crm_lead") == leads


def test_the_demo_ends_as_a_whole_when_one_of_its_programs_is_killed(var: Path) -> None:
    with launched(["demo"], var=var, unset=SECRET_SETTINGS, PORT="0") as launcher:
        ready(launcher)
        started = family(launcher.pid)
        worker = next(pid for pid in started if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
        subprocess.run(["kill", "-9", str(worker)], check=True)
        said, _ = launcher.communicate(timeout=60)
    assert launcher.returncode == 1
    assert "worker ended by itself with exit code -9" in said
    assert survivors(started) == []


def test_a_demo_whose_launcher_is_killed_ends_by_itself(var: Path) -> None:
    with launched(["demo"], var=var, unset=SECRET_SETTINGS, PORT="0") as launcher:
        ready(launcher)
        started = family(launcher.pid)
        launcher.kill()
        launcher.wait()
        eventually(lambda: survivors(started) == [], "everything has ended")
        assert process_started(launcher.pid) is None
