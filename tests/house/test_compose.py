"""docker-compose.yml is valid, and runs what `make demo` runs and the tests therefore know."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from leadscore.embedded import commands
from leadscore.embedded.sizing import GB, sized_settings

PROJECT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((Path(__file__).parent / "compose_spec" / "compose-spec.json").read_text())
TEXT = (PROJECT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {
    "web": commands.WEB,
    "worker": commands.WORKER,
    "beat": commands.BEAT,
    "sweeper": commands.SWEEPER,
    "migrate": commands.MIGRATE,
}


def test_the_file_is_valid_under_the_schema_of_the_compose_specification() -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(COMPOSE)] == []


def test_the_schema_is_the_whole_one_and_refuses_a_misspelt_key() -> None:
    misspelt = {"services": {"web": {"image": "leadscore", "comand": ["true"]}}}
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(misspelt))


def test_it_runs_everything_that_the_product_consists_of_and_two_servers() -> None:
    assert set(SERVICES) == {*OURS, "database", "redis"}


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_the_one_that_the_launcher_runs(name: str) -> None:
    assert tuple(SERVICES[name]["command"][: len(OURS[name])]) == OURS[name]


@pytest.mark.parametrize("name", OURS)
def test_our_programs_run_without_privileges(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_the_image_starts_the_web_server_and_not_as_root() -> None:
    text = (PROJECT / "Dockerfile").read_text()
    starts = re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert starts is not None
    assert json.loads(starts.group(1)) == SERVICES["web"]["command"]
    assert re.search(r"^USER leadscore$", text, re.MULTILINE)


def test_the_image_holds_every_folder_that_the_product_consists_of() -> None:
    kept = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    floors = {path.parent.name for path in PROJECT.glob("*/apps.py")}
    assert floors | {"templates", "static", "locale", "manage.py", "requirements.txt"} <= kept


def test_postgresql_is_set_up_as_the_launcher_sets_up_its_own_but_for_what_is_the_machines() -> None:
    program, *options = SERVICES["database"]["command"]
    assert program == "postgres"
    told = dict(each.removeprefix("--").split("=", 1) for each in options)
    own = sized_settings(PROJECT, memory=64 * GB)
    assert set(told) == set(own)
    # Its image is built with lz4; the programs that the launcher finds may not be.
    differing = {name for name in told if told[name] != own[name]}
    assert differing <= {
        "shared_buffers",
        "effective_cache_size",
        "maintenance_work_mem",
        "max_wal_size",
        "wal_compression",
    }
    assert told["wal_compression"] == "lz4"
    assert told["shared_buffers"] == "${POSTGRES_SHARED_BUFFERS:-512MB}"


def test_redis_keeps_nothing_and_drops_nothing() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly no" in command


def test_only_the_web_server_can_be_reached_and_only_from_this_machine() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["database"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_every_variable_of_the_file_stands_in_the_example() -> None:
    example = (PROJECT / ".env.example").read_text()
    for name in set(re.findall(r"\$\{(\w+)", TEXT)):
        assert re.search(rf"^#? ?{name}=", example, re.MULTILINE), f"{name} is not in .env.example"
