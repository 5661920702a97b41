"""The presets as they are offered: what each is good for, what it has to know, and the reason for every rule."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise

from scoring.engine import Matrix, parse_matrix
from scoring.engine.lint.criteria import fields_of
from scoring.presets import PRESETS, Preset, preset_document
from scoring.wording import criterion_sentence, dimension_label, field_label
from scoring.wording.cards import stage_label

REASONS = Path(__file__).resolve().parents[2] / "docs" / "presets"
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (.+) \|$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class PresetShown:
    """One card: `needs` are the fields its rules on fit and qualification read."""

    slug: str
    name: str | Promise
    good_for: str | Promise
    description: str
    rules: int
    hands_off_at: str
    needs: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class RuleShown:
    """One rule of a preset with its reason; empty where none is written down."""

    label: str
    dimension: str
    points: int
    rule: str
    reason: str


def presets_shown() -> list[PresetShown]:
    """All presets, in the order in which they are offered."""
    return [preset_shown(preset) for preset in PRESETS]


def preset_shown(preset: Preset) -> PresetShown:
    """One preset as its card says it."""
    document = preset_document(preset.slug)
    matrix = parse_matrix(document)
    return PresetShown(
        slug=preset.slug,
        name=preset.name,
        good_for=preset.good_for,
        description=str(document.get("description", "")),
        rules=len(matrix.criteria),
        hands_off_at=stage_label(matrix.hand_off_at, matrix),
        needs=_needs(matrix),
    )


def rules_shown(slug: str) -> list[RuleShown]:
    """Every rule of a preset, in its own order."""
    reasons = reasons_of(slug)
    return [
        RuleShown(
            label=each.label,
            dimension=dimension_label(each.dimension),
            points=each.points,
            rule=criterion_sentence(each),
            reason=reasons.get(each.key, ""),
        )
        for each in parse_matrix(preset_document(slug)).criteria
    ]


def reasons_of(slug: str) -> dict[str, str]:
    """By criterion, the reason that the preset's page in the documentation gives."""
    page = REASONS / f"{slug}.md"
    return dict(ROW.findall(page.read_text(encoding="utf-8"))) if page.exists() else {}


def _needs(matrix: Matrix) -> list[str]:
    names = [name for each in matrix.criteria for name in fields_of(each) if name.startswith(("lead.", "company."))]
    return [field_label(name) for name in dict.fromkeys(names)]
