import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadscore.embedded.roster import Roster
from leadscore.embedded.signals import StopWish
from leadscore.embedded.supervisor import Supervisor
from tests.embedded.launcher import folder_remove


@pytest.fixture
def var() -> Iterator[Path]:
    """A var folder; what root keeps for it elsewhere goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="leadscore-"))
    yield folder
    folder_remove(folder)


@pytest.fixture
def supervisor(var: Path) -> Iterator[Supervisor]:
    with Supervisor(roster=Roster(var / "processes.json"), wish=StopWish()) as supervisor:
        yield supervisor
