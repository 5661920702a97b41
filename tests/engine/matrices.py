"""Small matrix documents to change one thing of, and what to make of them."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from scoring.engine.matrix import Matrix
from scoring.engine.parse import parse_matrix

Json = dict[str, Any]

STAGES: list[Json] = [
    {"key": "cold", "label": "Cold"},
    {"key": "mql", "label": "Marketing qualified", "at": 50},
    {"key": "sql", "label": "Sales qualified", "at": 80},
]


def fit(key: str, points: int, **parts: Any) -> Json:
    """A criterion on who they are, with a condition of its own."""
    condition = {"field": "lead.title", "op": "has_word", "value": key}
    return {"key": key, "label": key.title(), "dimension": "fit", "points": points, "if": condition} | parts


def act(key: str, points: int, kinds: list[str] | None = None, **parts: Any) -> Json:
    """A criterion on what they do; parts of the pattern go under `when`."""
    when = {"kinds": ["download"] if kinds is None else kinds} | parts.pop("when", {})
    return {"key": key, "label": key.title(), "dimension": "behavior", "points": points, "when": when} | parts


def document(*criteria: Json, **parts: Any) -> Json:
    return deepcopy(
        {
            "schema": 1,
            "name": "Test",
            "grades": {"A": 40, "B": 25, "C": 10, "D": 1},
            "levels": {"1": 60, "2": 35, "3": 15},
            "stages": STAGES,
            "criteria": list(criteria),
        }
        | parts
    )


def matrix(*criteria: Json, **parts: Any) -> Matrix:
    return parse_matrix(document(*criteria, **parts))


def changed(original: Mapping[str, Any], **parts: Any) -> Matrix:
    return parse_matrix(deepcopy(dict(original) | parts))
