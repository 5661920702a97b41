"""Leaves tests marked `browser` out where no Chromium is found, and names them in one line at the end.

Left out by selection, not skipped: on a machine without a browser the run is green and says what it did not look at.
"""

import os
import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
LEFT_OUT = pytest.StashKey[list[str]]()
WORKER_KEY = "browser_left_out"


def chromium_path() -> Path | None:
    """Return the Chromium to drive: the one that CHROMIUM names, else the first on the path."""
    named = os.environ.get("CHROMIUM", "")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if item.get_closest_marker("browser")] if chromium_path() is None else []
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    config.stash[LEFT_OUT] = [item.nodeid for item in left_out]
    if hasattr(config, "workeroutput"):
        config.workeroutput[WORKER_KEY] = config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    """Take over what a worker of xdist has left out; every worker collects the same tests."""
    config: pytest.Config = node.config
    config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get(WORKER_KEY, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    names = config.stash.get(LEFT_OUT, [])
    if names:
        terminalreporter.write_line(
            f"Left out, as no Chromium was found (Debian: apt install chromium): {', '.join(names)}", yellow=True
        )
