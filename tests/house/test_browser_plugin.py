from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SUITE = """
    import pytest

    @pytest.mark.browser
    def test_of_a_page():
        raise AssertionError

    def test_of_a_sum():
        assert 1 + 1 == 2
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    pytester.makeini("[pytest]\nmarkers = browser: drives a real Chromium")
    pytester.makepyfile(SUITE)
    return pytester


@pytest.mark.parametrize("workers", [[], ["-p", "xdist", "-n", "1"]], ids=["alone", "xdist"])
def test_without_a_chromium_browser_tests_are_left_out_and_named(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: list[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such/chromium")
    result = project.runpytest_subprocess("-p", "tests.plugins.browser", *workers)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["Left out, as no Chromium was found*::test_of_a_page"])


def test_with_a_chromium_browser_tests_run(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/bin/sh")
    result = project.runpytest_subprocess("-p", "tests.plugins.browser")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("Left out*")
