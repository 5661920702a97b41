"""`manage.py matrix` and `manage.py check_scores`, as people type them."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scoring.models import MatrixVersion, Score, ScoreChange, ScoredRange, ScoringModel
from scoring.yaml_text import yaml_write
from tests.scoring.world import MATRIX, World, changed


def said(*words: str, **options: object) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_a_matrix_goes_out_as_a_file_and_comes_back_the_same(world: World, tmp_path: Path) -> None:
    for name in ("matrix.yaml", "matrix.json"):
        path = tmp_path / name
        said("matrix", "export", f"{world.model.slug}@live", "--to", str(path))
        answer = said("matrix", "import", str(path), "--model", "copy")
        assert world.model.versions.get(number=1).checksum in answer
    assert [version.number for version in MatrixVersion.objects.filter(model__slug="copy").order_by("number")] == [1, 2]
    assert ScoringModel.objects.get(slug="copy").name == "Test model"


def test_a_file_that_is_no_matrix_is_refused_with_every_place(db: None, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({**MATRIX, "grades": {"A": 1.5}, "extra": 1}))
    with pytest.raises(CommandError) as refused:
        said("matrix", "import", str(path), "--model", "bad")
    assert "/grades/A:" in str(refused.value)
    assert "/extra:" in str(refused.value)
    assert not ScoringModel.objects.filter(slug="bad").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [("missing.yaml", None), ("table.csv", "a,b"), ("broken.yaml", "a: ["), ("bytes.json", b"\xff\xfe")],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    tmp_path: Path, name: str, text: str | bytes | None
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CommandError):
        said("matrix", "lint", str(path))


def test_lint_names_its_findings_and_fails_on_errors(tmp_path: Path) -> None:
    path = tmp_path / "matrix.yaml"
    path.write_text(yaml_write(dict(MATRIX)))
    answer = said("matrix", "lint", str(path))
    assert "none blocks a publication" in answer
    path.write_text(
        yaml_write(changed(examples=[{"name": "Nobody", "as_of": "2026-03-03", "facts": {}, "stage": "sql"}]))
    )
    with pytest.raises(CommandError, match="1 errors"):
        said("matrix", "lint", str(path))


def test_diff_says_in_words_what_changed(world: World) -> None:
    second = world.draft(changed(points={"demo": 18}))
    answer = said("matrix", "diff", f"{world.model.slug}@1", f"{world.model.slug}@{second.number}")
    assert answer == "Asked for a demo: 15 → 18 points\n"
    assert said("matrix", "diff", f"{world.model.slug}@1", f"{world.model.slug}@live") == "No difference.\n"


def test_a_version_that_is_not_there_is_named(world: World) -> None:
    with pytest.raises(CommandError, match="model@9"):
        said("matrix", "export", "model@9")


def test_check_scores_finds_nothing_where_all_is_right(world: World) -> None:
    world.send(world.lead(title="CEO"))
    world.settle()
    assert "No difference." in said("check_scores", "--all")
    assert "No difference." in said("check_scores", "--sample", "1")


def broken_total(world: World) -> None:
    Score.objects.update(total=1)


def missing_row(world: World) -> None:
    Score.objects.all().delete()


def forgotten_change(world: World) -> None:
    ScoreChange.objects.all().delete()


def older_version(world: World) -> None:
    version = world.draft()
    MatrixVersion.objects.filter(state="published").update(state="retired")
    MatrixVersion.objects.filter(pk=version.pk).update(state="published")
    ScoringModel.objects.update(active_version=version)


def range_that_lies(world: World) -> None:
    version = world.draft(changed(points={"exec-title": 99}))
    ScoredRange.objects.all().delete()
    ScoredRange.objects.create(model=world.model, lead_from=0, lead_to=2**40, version=version, as_of="2026-03-03")


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (broken_total, "differs"),
        (missing_row, "missing"),
        (forgotten_change, "history"),
        (older_version, "outdated"),
        (range_that_lies, "differs"),
    ],
)
def test_check_scores_names_what_is_wrong_and_exits_with_one(world: World, damage: object, kind: str) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    damage(world)
    err = io.StringIO()
    with pytest.raises(CommandError, match="differences"):
        call_command("check_scores", "--all", stdout=io.StringIO(), stderr=err)
    assert f"lead {lead.pk}, model {world.model.slug}: {kind}:" in err.getvalue()


def test_check_scores_says_who_waits_and_does_not_compare_them(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    world.send(lead)
    assert "1 that wait to be judged" in said("check_scores", "--all")
