"""Units beside the column file: those of Measuring, of one generation and day, each measured by one process."""

import threading
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from crm.models import ActivityKind, Lead
from crm.queries import engine_kinds
from scoring.bulk.fingerprint import applies_fingerprint, criterion_fingerprint
from scoring.bulk.measuring import Measuring
from scoring.bulk.naming import matrix_named
from scoring.bulk.units import Units
from scoring.columns import mapped, measured
from scoring.columns.folders import locked
from scoring.columns.generations import Generation, generation_rebuild
from scoring.columns.mapped import columns_add
from scoring.columns.measured import units_measure, units_stored
from scoring.engine import CompiledMatrix, compile_matrix, parse_matrix
from scoring.presets import preset_document
from tests.columns.against_facts import World, columns_by_facts

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 3)


@pytest.fixture
def generation() -> Iterator[Generation]:
    ActivityKind.objects.create(key="made up", label="Made up")
    World(7)
    yield generation_rebuild()
    mapped._mapped.clear()


@pytest.fixture
def compiled() -> CompiledMatrix:
    document = preset_document("b2b_saas")
    document["applies_to"] = {"field": "lead.consent", "op": "is", "value": True}
    document["criteria"][0]["if"] = {"field": "lead.title", "op": "is_known"}
    return compile_matrix(parse_matrix(document))


def told(units: Units | None) -> list[tuple[int, int]] | None:
    return None if units is None else list(zip(units.leads.tolist(), units.units.tolist(), strict=True))


def expected(compiled: CompiledMatrix) -> dict[str, object]:
    ids = list(Lead.objects.values_list("pk", flat=True))
    zone, kinds = ZoneInfo(compiled.matrix.timezone), engine_kinds()
    measuring = Measuring(compiled, columns_by_facts(ids, TODAY, zone), TODAY, kinds)
    found = {
        criterion_fingerprint(each, compiled.matrix.timezone, kinds): told(measuring.units(index))
        for index, each in enumerate(compiled.matrix.criteria)
    }
    return found | {applies_fingerprint(compiled.matrix): told(measuring.applies())}


@pytest.mark.parametrize("slice_", [7, 65_536])
def test_units_are_those_that_measuring_finds_slice_by_slice(
    slice_: int, generation: Generation, compiled: CompiledMatrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measured, "SLICE", slice_)
    wanted = expected(compiled)
    assert all(units_stored(generation, each, TODAY) is None for each in wanted)

    found = units_measure(generation, compiled, TODAY, engine_kinds())

    assert {each: told(units) for each, units in found.items()} == wanted
    assert any(wanted.values())
    assert {each: told(units_stored(generation, each, TODAY)) for each in wanted} == wanted
    # What is there is not measured again.
    monkeypatch.setattr(measured, "Measuring", None)
    assert units_measure(generation, compiled, TODAY, engine_kinds()).keys() == wanted.keys()


def test_what_is_cut_off_is_measured_again(generation: Generation, compiled: CompiledMatrix) -> None:
    wanted = expected(compiled)
    units_measure(generation, compiled, TODAY, engine_kinds())
    [first, second, third, *_] = wanted
    folder = generation.path / "units" / TODAY.isoformat()
    (folder / f"{first}.units.npy").write_bytes(b"")
    (folder / f"{second}.leads.npy").unlink()
    # Where a process was killed.
    (folder / f"{third}.units.npy").rename(folder / f"{third}.units.npy.part")

    assert units_stored(generation, first, TODAY) is units_stored(generation, third, TODAY) is None
    found = units_measure(generation, compiled, TODAY, engine_kinds())
    assert {each: told(units) for each, units in found.items()} == wanted
    assert not list(folder.glob("*.part"))


def test_units_of_days_gone_by_are_deleted(generation: Generation, compiled: CompiledMatrix, frozen_now) -> None:
    kinds = engine_kinds()
    for day in (date(2026, 2, 27), date(2026, 3, 2), TODAY):
        units_measure(generation, compiled, day, kinds)
    assert {each.name for each in (generation.path / "units").iterdir()} == {"2026-03-02", "2026-03-03"}


def test_what_another_process_measures_is_waited_for(generation: Generation, compiled: CompiledMatrix) -> None:
    wanted = expected(compiled)
    fingerprint = next(iter(wanted))
    units_measure(generation, compiled, TODAY, engine_kinds())
    folder = generation.path / "units" / TODAY.isoformat()
    leads = (folder / f"{fingerprint}.leads.npy").read_bytes()
    (folder / f"{fingerprint}.leads.npy").unlink()
    kinds = engine_kinds()
    found: dict[str, Units] = {}

    def measure() -> None:
        found.update(units_measure(generation, compiled, TODAY, kinds))
        connection.close()

    with locked(folder / f"{fingerprint}.lock"):
        waiting = threading.Thread(target=measure)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        (folder / f"{fingerprint}.leads.npy").write_bytes(leads)
    waiting.join(60)
    assert told(found[fingerprint]) == wanted[fingerprint]


def test_processes_that_come_for_the_same_share_it_and_each_gets_all(
    generation: Generation, compiled: CompiledMatrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, kinds = expected(compiled), engine_kinds()
    # Their connections do not see what this test has not committed.
    columns_add(generation, matrix_named(compiled.matrix))
    both_began, by = threading.Barrier(2, timeout=60), threading.local()
    measured_by: list[tuple[int, set[str]]] = []
    measure = measured._measure

    def told_of(*args: object) -> None:
        *_, ours = args
        measured_by.append((threading.get_ident(), set(ours)))  # type: ignore[call-overload]
        if not hasattr(by, "began"):
            by.began = True
            both_began.wait()
        measure(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(measured, "_measure", told_of)
    found: list[dict[str, Units]] = []

    def come() -> None:
        found.append(units_measure(generation, compiled, TODAY, kinds, is_shared=True))
        connection.close()

    both = [threading.Thread(target=come) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(60)

    assert [{name: told(units) for name, units in each.items()} for each in found] == [wanted, wanted]
    assert len({ident for ident, _ in measured_by}) == 2
    assert sorted(name for _, names in measured_by for name in names) == sorted(wanted)
