"""The door-bell: nobody who rings ever waits long for a broker, and nothing depends on its being heard."""

import socket
import threading
from collections.abc import Iterator

import pytest
from celery import Celery
from redis.exceptions import ConnectionError as RedisDown

from scoring import bell
from scoring.bell import WAKE, Bell
from scoring.tasks import wake
from tests.scoring.world import World


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def broken() -> None:
    raise RedisDown("Connection refused.")


def test_after_a_failed_try_nobody_tries_again_for_thirty_seconds() -> None:
    tries: list[float] = []
    clock = Clock()

    def send() -> None:
        tries.append(clock.now)
        broken()

    rung = Bell(send=send, clock=clock)
    for _ in range(5):
        assert not rung.ring()
        clock.now += 7.0
    assert tries == [1_000.0]
    clock.now = 1_030.0
    assert not rung.ring()
    assert tries == [1_000.0, 1_030.0]


def test_a_broker_that_comes_back_is_rung_again() -> None:
    clock = Clock()
    answers = iter([broken, lambda: None, lambda: None])
    rung = Bell(send=lambda: next(answers)(), clock=clock)
    assert not rung.ring()
    clock.now += 31.0
    assert rung.ring()
    assert rung.ring()


def test_a_fault_of_our_own_is_not_swallowed() -> None:
    def mistaken() -> None:
        raise TypeError("wake() takes no arguments")

    with pytest.raises(TypeError):
        Bell(send=mistaken).ring()


@pytest.fixture
def frozen_broker() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        for each in held:
            each.close()


def test_a_frozen_broker_does_not_hang_who_rings(frozen_broker: int, settings: object) -> None:
    app = Celery("frozen", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = f"redis://127.0.0.1:{frozen_broker}/0"
    app.conf.broker_transport_options = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2, "max_retries": 0}
    rung = Bell(send=lambda: app.send_task(WAKE, retry=False, expires=10, ignore_result=True))
    answers: list[bool] = []
    ringing = threading.Thread(target=lambda: answers.append(rung.ring()), daemon=True)
    ringing.start()
    ringing.join(timeout=60)
    assert answers == [False], "who rings is still waiting"
    assert not rung.ring()


def test_work_rings_after_commit_and_a_broken_bell_breaks_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    rings: list[int] = []
    monkeypatch.setattr(bell, "_bell", Bell(send=lambda: (rings.append(1), broken())))
    with django_capture_on_commit_callbacks(execute=True):
        lead = world.lead()
    assert rings == [1]
    assert world.total(lead) == 0


def test_waking_drains_work_and_runs(world: World) -> None:
    world.publish(settle=False)
    lead = world.lead(title="CEO")
    wake()
    score = world.score(lead)
    assert score is not None
    assert score.total == 20
    assert not world.differences()


def test_the_bell_names_the_task_that_drains() -> None:
    assert wake.name == WAKE
