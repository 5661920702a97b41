from pathlib import Path

import pytest

from leadscore.embedded.errors import AlreadyRunning
from leadscore.embedded.lock import lock_hold
from tests.embedded.launcher import launched


def test_a_second_holder_is_told_where_the_first_one_answers(var: Path) -> None:
    with lock_hold(var / "lock") as lock:
        lock.announce("http://127.0.0.1:8000/")
        with pytest.raises(AlreadyRunning, match=r"http://127\.0\.0\.1:8000/"), lock_hold(var / "lock"):
            pass


def test_the_lock_is_free_again_after_the_block(var: Path) -> None:
    for _ in range(2):
        with lock_hold(var / "lock"):
            pass


def test_a_second_launcher_ends_with_the_address_of_the_first(var: Path) -> None:
    with lock_hold(var / "launcher.lock") as lock:
        lock.announce("http://127.0.0.1:8123/")
        with launched(["demo"], var=var) as second:
            said, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "http://127.0.0.1:8123/" in said
