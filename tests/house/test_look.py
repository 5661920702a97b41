"""The look keeps its promises: one list of colours, sheets as built, vendored files as published, nothing inline."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from unfold.settings import get_config

from leadscore.colors import COLORS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
VENDOR = ROOT / "static" / "vendor"


def test_the_stylesheets_are_what_the_templates_need():
    done = subprocess.run(
        [sys.executable, str(ROOT / "static_src" / "build.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_admin_and_pages_have_the_same_colours():
    tokens = (ROOT / "static_src" / "tokens.css").read_text()
    for name, weights in COLORS.items():
        assert get_config()["COLORS"][name] == weights
        for weight, value in weights.items():
            assert f"--color-{name}-{weight}: {value};" in tokens


def test_every_vendored_file_is_listed_with_its_checksum():
    listed = dict(re.findall(r"^\| (\S+\.js) \|.*\| ([0-9a-f]{64}) \|$", (VENDOR / "VENDOR.md").read_text(), re.M))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}
    assert found == listed


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_what_the_policy_refuses(path):
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", path.read_text(), flags=re.S)
    assert not re.search(r"\sstyle\s*=", text), "an inline style"
    assert not re.search(r"\son[a-z]+\s*=", text), "an inline handler"
    assert not re.search(r"\shx-on[:-]", text), "a handler of htmx is evaluated"
    assert "javascript:" not in text
    for attributes in re.findall(r"<script\b([^>]*)>", text):
        assert "src=" in attributes, "an inline script"
    assert "<style" not in text


def test_every_icon_that_is_used_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static" / "img" / "icons.svg").read_text()))
    used = {
        name
        for path in TEMPLATES
        for name in re.findall(r"{% icon [\"']([a-z-]+)[\"']", path.read_text())
        + re.findall(r"symbol=[\"']([a-z-]+)[\"']", path.read_text())
    }
    assert used - sprite == set()


def test_no_page_asks_another_host_for_anything():
    for path in TEMPLATES:
        assert not re.search(r"(?:src|href)=[\"']https?://", path.read_text()), path
