import stat
import sys
from pathlib import Path

import pytest

from leadscore.embedded import postgres
from leadscore.embedded.demo import web_socket
from leadscore.embedded.environment import children_environment, demo_settings, empty_wanted, file_write
from leadscore.embedded.errors import CannotStart
from leadscore.embedded.services import Folder


def test_children_keep_their_bytecode() -> None:
    assert "PYTHONDONTWRITEBYTECODE" not in children_environment({"PYTHONDONTWRITEBYTECODE": "1"}, {})


def test_children_find_the_programs_of_this_virtual_environment_first() -> None:
    path = children_environment({"PATH": "/usr/bin"}, {})["PATH"].split(":")
    assert path == [str(Path(sys.executable).parent), "/usr/bin"]


def test_a_child_without_a_home_gets_one_it_can_write_to(var: Path) -> None:
    assert Path(children_environment({"HOME": "/nonexistent"}, {}, home=var / "home")["HOME"]).is_dir()
    assert children_environment({"HOME": str(var)}, {}, home=var / "home")["HOME"] == str(var)


def test_the_servers_see_nothing_of_the_persons_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGDATA", "PGPORT", "LC_ALL", "LD_PRELOAD"):
        monkeypatch.setenv(name, "/elsewhere")
    assert set(postgres.clean_environment()) == {"PATH", "LANG", "TZ"}


def test_the_keys_of_the_demo_outlive_a_restart_and_belong_to_us_alone(var: Path) -> None:
    first = demo_settings(folder=Folder(var=var), given={})
    assert demo_settings(folder=Folder(var=var), given={}) == first
    assert len(first["SECRET_KEY"]) >= 50
    assert first["SECRET_KEY"] != first["TOMBSTONE_KEY"]
    assert stat.S_IMODE((var / "demo.keys").stat().st_mode) == 0o600


def test_a_setting_of_the_persons_own_wins(var: Path) -> None:
    assert demo_settings(folder=Folder(var=var), given={"SECRET_KEY": "mine"})["SECRET_KEY"] == "mine"


def test_the_demo_answers_here_by_plain_http_whatever_is_set_for_production(var: Path) -> None:
    given = {"HTTPS_ONLY": "true", "ALLOWED_HOSTS": "leads.example.com"}
    settings = demo_settings(folder=Folder(var=var), given=given)
    assert settings["HTTPS_ONLY"] == "false"
    assert settings["ALLOWED_HOSTS"].split(",") == ["leads.example.com", "127.0.0.1", "localhost", "[::1]"]


def test_an_empty_start_signs_nobody_in_by_a_click_and_asks_for_no_second_factor(var: Path) -> None:
    settings = demo_settings(folder=Folder(var=var), given={"DEMO": "true"}, is_empty=True)
    assert (settings["DEMO"], settings["MFA_REQUIRED"], settings["STATIC_FROM_SOURCES"]) == ("false", "false", "true")
    given = {"MFA_REQUIRED": "true"}
    assert demo_settings(folder=Folder(var=var), given=given, is_empty=True)["MFA_REQUIRED"] == "true", (
        "who asks for it"
    )
    assert demo_settings(folder=Folder(var=var), given={})["DEMO"] == "true"


@pytest.mark.parametrize(("text", "wanted"), [("", False), ("0", False), ("no", False), ("1", True), ("YES", True)])
def test_empty_is_yes_or_no(text: str, wanted: bool) -> None:
    assert empty_wanted({"EMPTY": text}) is wanted
    with pytest.raises(CannotStart, match="set it to 1"):
        empty_wanted({"EMPTY": f"{text}x"})


def test_a_written_setting_replaces_a_file_that_others_could_read(var: Path) -> None:
    (var / "demo.env").touch(mode=0o644)
    file_write(var / "demo.env", {"A": "1"})
    assert (var / "demo.env").read_text() == "A=1\n"
    assert stat.S_IMODE((var / "demo.env").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["http", "-1", "65536", "8e3", "٨٠"])
def test_a_port_that_is_no_port_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(CannotStart, match="has to be a number from 0 to 65535"):
        web_socket(text)


def test_a_port_that_was_asked_for_and_is_taken_is_refused_with_the_way_out() -> None:
    with web_socket("0") as taken, pytest.raises(CannotStart, match="make demo PORT="):
        web_socket(str(taken.getsockname()[1]))


def test_the_next_port_is_taken_where_nobody_asked_for_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with web_socket("0") as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("leadscore.embedded.demo.DEFAULT_PORT", port)
        with web_socket("") as web:
            assert web.getsockname()[1] != port
            assert str(web.getsockname()[1]) in capsys.readouterr().out
