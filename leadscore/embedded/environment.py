"""The environment of our children, and the secrets that outlive a restart."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from leadscore.embedded.errors import CannotStart
from leadscore.embedded.services import Folder

SECRETS = ("SECRET_KEY", "TOMBSTONE_KEY")
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
# Neither a demo that runs beside them nor the person's .env may lend these to the tests.
TEST_SETTINGS = {"DEMO": "false", "HTTPS_ONLY": "false"}
# With it set, and nothing compiled, each start of each program takes ten seconds longer.
UNWANTED = ("PYTHONDONTWRITEBYTECODE",)


def children_environment(
    given: Mapping[str, str], more: Mapping[str, str], *, home: Path | None = None
) -> dict[str, str]:
    """Return the person's environment with ours on top, and this virtual environment's programs first on the path.

    ``home`` takes the place of a home that is missing or cannot be written to, as users without a name have it.
    """
    programs = str(Path(sys.executable).parent)
    path = os.pathsep.join(part for part in (programs, given.get("PATH", os.defpath)) if part)
    kept = {name: value for name, value in given.items() if name not in UNWANTED}
    if home is not None and not os.access(given.get("HOME", "/nonexistent"), os.W_OK):
        home.mkdir(parents=True, exist_ok=True)
        kept["HOME"] = str(home)
    return {**kept, **more, "PATH": path, "PYTHONUNBUFFERED": "1"}


def empty_wanted(given: Mapping[str, str]) -> bool:
    """Whether ``EMPTY`` asks for a start without the demo company. Raises ``CannotStart`` for what is neither yes nor no."""
    wanted = given.get("EMPTY", "").strip().lower()
    if wanted not in {"", "0", "1", "no", "yes", "false", "true"}:
        raise CannotStart(f"EMPTY is '{wanted}'; set it to 1 to start without the demo company.")
    return wanted in {"1", "yes", "true"}


def demo_settings(*, folder: Folder, given: Mapping[str, str], is_empty: bool = False) -> dict[str, str]:
    """Return the settings of the demo: plain HTTP on this machine, the person's own hosts and keys where they are set.

    Without the demo company nobody is signed in by a click; a second factor is left to everybody, so that a trial takes
    minutes.
    """
    hosts = [host for host in given.get("ALLOWED_HOSTS", "").split(",") if host]
    return {
        "DEMO": "false" if is_empty else "true",
        **({"MFA_REQUIRED": given.get("MFA_REQUIRED") or "false", "STATIC_FROM_SOURCES": "true"} if is_empty else {}),
        "HTTPS_ONLY": "false",
        "ALLOWED_HOSTS": ",".join([*hosts, *LOCAL_HOSTS]),
        **{name: given.get(name) or value for name, value in demo_secrets(folder).items()},
    }


def demo_secrets(folder: Folder) -> dict[str, str]:
    """Return the keys of this installation, drawn at the first start: with new ones everybody would be signed out."""
    path = folder.var / "demo.keys"
    if not path.exists():
        new = path.with_suffix(".new")
        file_write(new, {name: secrets.token_urlsafe(50) for name in SECRETS})
        new.replace(path)
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def file_write(path: Path, values: Mapping[str, str]) -> None:
    """Write settings as NAME=value lines that only we may read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
