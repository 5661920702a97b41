"""The world of `tests.scoring`, and a process that begins without a population."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scoring.preview.population import population_forget
from tests.scoring.conftest import shared_world, world

__all__ = ["shared_world", "world"]


@pytest.fixture(autouse=True)
def new_process(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.COLUMNS_DIR = tmp_path / "columns"
    population_forget()
    yield
    population_forget()
