"""The engine answers codes with numbers; here they become sentences in the reader's language."""

from scoring.wording.cards import (
    OUTCOMES,
    card_why,
    forecast_sentence,
    line_label,
    line_why,
    obstacle_sentence,
    stage_label,
    why_not_sentences,
)
from scoring.wording.changes import ChangeRow, change_row, change_sentence
from scoring.wording.conditions import (
    condition_sentence,
    count_sentence,
    criterion_sentence,
    decay_sentence,
    pattern_sentence,
    when_sentence,
)
from scoring.wording.fields import dimension_label, field_label, kind_label, value_text
from scoring.wording.findings import finding_sentence
from scoring.wording.problems import problem_sentence

__all__ = [
    "OUTCOMES",
    "ChangeRow",
    "card_why",
    "change_row",
    "change_sentence",
    "condition_sentence",
    "count_sentence",
    "criterion_sentence",
    "decay_sentence",
    "dimension_label",
    "field_label",
    "finding_sentence",
    "forecast_sentence",
    "kind_label",
    "line_label",
    "line_why",
    "obstacle_sentence",
    "pattern_sentence",
    "problem_sentence",
    "stage_label",
    "value_text",
    "when_sentence",
    "why_not_sentences",
]
