"""The bench's matrix, and the edits that a publication is measured with."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MATRIX = Path(__file__).with_name("matrix.yaml")
#: Three values that somebody might move together; what share of the scores moves is printed with the figure.
EDITED = ("demo-asked", "paying", "invented")
Document = dict[str, Any]


@cache
def _read() -> Document:
    document: Document = yaml.safe_load(MATRIX.read_text())
    return document


def document(*, name: str = "Bench") -> Document:
    return {**copy.deepcopy(_read()), "name": name}


def points_moved(turn: int) -> Document:
    """Three values changed by the number of the turn: points only, every condition stands."""
    made = document(name=f"Points {turn}")
    for each in made["criteria"]:
        if each["key"] in EDITED:
            each["points"] += 1 + turn % 2
    return made


def conditions_changed(turn: int) -> Document:
    """Every criterion's condition another one, so that none was measured before; a few leads meet it besides or no more.

    Who a lead is gets one more city that does as well, what a lead did one more page or subject that does not.
    """
    made = document(name=f"Conditions {turn}")
    for index, each in enumerate(made["criteria"]):
        number = 30 * turn + index
        if "if" in each:
            each["if"] = {"any": [each["if"], {"field": "lead.city", "op": "is", "value": f"City {30 + number % 90}"}]}
        if "when" in each:
            where = each["when"].get("where")
            but = {"not": {"all": [
                {"field": "activity.url", "op": "is_known"},
                {"field": "activity.url", "op": "path_is", "value": f"/blog/page-{40 + number}"},
            ]}}  # fmt: skip
            each["when"]["where"] = {"all": [where, but]} if where else but
    return made
