"""Where the servers' data lies and who they run as.

PostgreSQL refuses to run as root. Started by anyone else, everything stays under ``var/``. Started by root, the servers
run as ``nobody`` from copies under /var/lib/leadscore, since ``nobody`` may not be able to reach the project's folder and
must not be able to change what root will run; opening the project's parents to everybody would be worse.
"""

import os
import pwd
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from leadscore.embedded.errors import CannotStart
from leadscore.embedded.processes import Account

ROOTS_HOME = Path("/var/lib/leadscore")
ACCOUNT_NAME = "nobody"


@dataclass(frozen=True, kw_only=True)
class Store:
    """``home`` holds the servers' data. With an ``account`` they run as it, from copies in ``programs``."""

    home: Path
    account: Account | None = None
    programs: Path | None = None

    def folder(self, name: str) -> Path:
        """Return a folder in ``home`` that only the servers' user may enter; made where absent."""
        path = self.home / name
        path.mkdir(mode=0o700, exist_ok=True)
        self.own(path)
        return path

    def own(self, path: Path) -> None:
        """Give a file or folder to the servers' user."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)


def store_open(var: Path) -> Store:
    """Find or make the store that belongs to a ``var`` folder. Raises ``CannotStart``."""
    if os.geteuid() != 0:
        return Store(home=var)
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL does not run as root, and this system has no user '{ACCOUNT_NAME}' to run it as: start as an "
            "ordinary user, or set DATABASE_URL to a server of your own."
        ) from None
    account = Account(name=ACCOUNT_NAME, uid=entry.pw_uid, gid=entry.pw_gid)
    for folder in (ROOTS_HOME, ROOTS_HOME / "programs", ROOTS_HOME / "instances"):
        roots_folder_make(folder)
    home = store_home(var)
    home.mkdir(mode=0o700, exist_ok=True)
    store = Store(home=home, account=account, programs=ROOTS_HOME / "programs")
    store.own(home)
    return store


def store_remove(var: Path) -> None:
    """Delete the data of the servers that belong to ``var``; the caller holds the lock."""
    if os.geteuid() == 0:
        shutil.rmtree(store_home(var), ignore_errors=True)
    for name in ("postgres", "valkey"):
        shutil.rmtree(var / name, ignore_errors=True)


def store_home(var: Path) -> Path:
    """Return root's folder for this ``var``. Its name is drawn once and kept in ``var``, not made from the path: a
    second clone in the same place must not meet the first one's data.
    """
    name = var / "instance"
    if not name.exists():
        name.write_text(secrets.token_hex(8))
    return ROOTS_HOME / "instances" / name.read_text().strip()


def roots_folder_make(folder: Path) -> None:
    """Make a folder that everybody can enter and only root can change, or make sure that it is one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0:
            raise CannotStart(f"{folder} is not a folder of root's: move it away and start again.")
        folder.chmod(0o755)
    except OSError as error:
        raise CannotStart(
            f"{folder} cannot be made ({error.strerror}): start as an ordinary user, or set DATABASE_URL and REDIS_URL."
        ) from error
