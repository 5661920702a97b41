"""The scoring engine: a matrix document and a lead's facts in, an explained score card out.

Pure: standard library only, no clock, no I/O. The contract is followed sentence by sentence; where it leaves a choice
docs/scoring.md says what was chosen.
"""

from scoring.engine.card import (
    ActivityEvidence,
    Card,
    CriterionLine,
    Evidence,
    LedgerLine,
    LimitLine,
    Score,
)
from scoring.engine.compiled import CompiledMatrix, compile_matrix
from scoring.engine.conditions import compile_condition
from scoring.engine.dump import dump_matrix
from scoring.engine.errors import EngineError, InvalidFacts, InvalidJson, InvalidMatrix, Problem
from scoring.engine.evaluate import evaluate
from scoring.engine.facts import Activity, Facts, activity_from_trusted, facts_from_trusted, parse_facts
from scoring.engine.json_text import checksum, parse_json, plain, write_json
from scoring.engine.matrix import Matrix
from scoring.engine.parse import parse_matrix
from scoring.engine.parse_conditions import parse_lead_condition
from scoring.engine.text import normalise_text

__all__ = [
    "Activity",
    "ActivityEvidence",
    "Card",
    "CompiledMatrix",
    "CriterionLine",
    "EngineError",
    "Evidence",
    "Facts",
    "InvalidFacts",
    "InvalidJson",
    "InvalidMatrix",
    "LedgerLine",
    "LimitLine",
    "Matrix",
    "Problem",
    "Score",
    "activity_from_trusted",
    "checksum",
    "compile_condition",
    "compile_matrix",
    "dump_matrix",
    "evaluate",
    "facts_from_trusted",
    "normalise_text",
    "parse_facts",
    "parse_json",
    "parse_lead_condition",
    "parse_matrix",
    "plain",
    "write_json",
]
