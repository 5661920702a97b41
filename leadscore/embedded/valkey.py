"""A Valkey of our own: the door-bell. It keeps nothing, since nothing that matters lives in it."""

from collections.abc import Callable
from pathlib import Path

import redis

from leadscore.embedded.processes import Command
from leadscore.embedded.store import Store


def valkey_command(*, program: Path, store: Store, log: Path, port: int, password: str) -> Command:
    """Return the command. Its settings go in by standard input, so the password is in no file and no process list."""
    settings = (
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f"dir {store.folder('valkey')}",
        'save ""',
        "appendonly no",
        "maxmemory-policy noeviction",
    )
    return Command(
        name="Valkey",
        argv=(str(program), "-"),
        environment={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C", "TZ": "UTC"},
        folder=Path("/"),
        log=log,
        account=store.account,
        says="\n".join(settings) + "\n",
        stage=1,
    )


def valkey_url(*, port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def valkey_answers(url: str) -> Callable[[], bool]:
    """Return the probe that is true once the server answers us."""

    def answers() -> bool:
        client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
        finally:
            client.close()

    return answers
