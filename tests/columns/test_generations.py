"""The column file holds what the engine would be handed, and is thrown away where it cannot be believed."""

import os
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import transaction

from scoring.columns import mapped
from scoring.columns.generations import (
    generation_current,
    generation_rebuild,
    generation_refresh,
)
from scoring.models import ColumnGeneration
from tests.columns.against_facts import World, assert_same, columns_by_facts, decoded
from tests.columns.leads import everybody, lead

TODAY = date(2026, 3, 3)
ST_JOHNS = ZoneInfo("America/St_Johns")
DATABASE = pytest.mark.django_db(transaction=True)


def test_a_file_holds_what_the_engine_would_be_handed(world: World) -> None:
    generation = generation_rebuild()

    expected = columns_by_facts(everybody(), TODAY, ST_JOHNS)
    assert_same(generation.columns, expected, ST_JOHNS, TODAY)
    mapped._mapped.clear()
    again = generation_current()
    assert again is not None
    assert again.columns is not generation.columns
    # From the files this time.
    assert_same(again.columns, expected, ST_JOHNS, TODAY)
    assert isinstance(again.columns.field("lead.title").codes, np.memmap)
    assert isinstance(again.columns.activities.days(ST_JOHNS), np.memmap)
    assert generation_refresh() is again


def test_only_its_owner_can_read_it(world: World) -> None:
    generation = generation_rebuild()
    for folder in (generation.path, generation.path.parent, generation.path.parent.parent):
        assert oct(folder.stat().st_mode & 0o777) == "0o700"


def damage_cut(folder: Path) -> None:
    with (folder / "moment.npy").open("r+b") as file:
        file.truncate(100)


def damage_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def damage_other_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"token": 1}')


def damage_missing(folder: Path) -> None:
    (folder / "url.ends.npy").unlink()


def damage_other_length(folder: Path) -> None:
    np.save(folder / "created.npy", np.zeros(1, np.int64))


def damage_pointer(folder: Path) -> None:
    (folder.parent / "CURRENT").write_bytes(b"../../\xff")


DAMAGES = [damage_cut, damage_manifest, damage_other_manifest, damage_missing, damage_other_length, damage_pointer]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_no_file_and_is_made_anew(
    damage: object, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    generation = generation_rebuild()
    mapped._mapped.clear()
    damage(generation.path)

    assert generation_current() is None
    assert generation_current() is None
    assert sum("cannot be used" in each.message for each in caplog.records) == 1
    assert generation_refresh().token != generation.token
    assert generation_current() is not None


def test_a_damaged_column_is_read_again(world: World) -> None:
    generation = generation_rebuild()
    before = decoded(generation.columns.field("lead.title"))
    mapped._mapped.clear()
    for path in (generation.path / "fields").glob("*.codes.npy"):
        os.truncate(path, 130)
    again = generation_current()
    assert again is not None
    assert decoded(again.columns.field("lead.title")) == before


@DATABASE
def test_a_file_without_its_row_or_with_a_copy_of_it_is_not_believed() -> None:
    lead("ann")
    generation = generation_rebuild()
    [row] = ColumnGeneration.objects.all()
    row.delete()
    assert generation_current() is None
    # As a restored dump has it: the same row, written by another transaction.
    ColumnGeneration.objects.create(token=row.token, host=row.host, xid=row.xid, since_xid=row.since_xid)
    assert generation_current() is None
    assert generation_refresh().token != generation.token


@DATABASE
def test_a_row_that_was_rolled_back_vouches_for_nothing() -> None:
    lead("ann")
    with transaction.atomic():
        generation_rebuild()
        transaction.set_rollback(True)
    assert generation_current() is None


@DATABASE
def test_a_disk_that_is_full_leaves_the_last_file_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    lead("ann", title="VP")
    generation = generation_rebuild()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scoring.columns.folders.os.posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        generation_rebuild()
    assert generation_current() is not None
    assert generation_current().token == generation.token
    assert [each.name for each in generation.path.parent.iterdir() if each.is_dir()] == [str(generation.token)]
    # And what is asked for the first time is read and not kept.
    monkeypatch.setattr("scoring.columns.folders.np.save", full)
    assert decoded(generation.columns.field("lead.title")) == [("str", "VP")]
