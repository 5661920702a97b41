"""One judgement on demand: a matrix, facts and a day in, the card or every problem out. Nothing is stored.

`POST /api/v1/evaluate` and `manage.py evaluate` are doors to this.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from scoring.engine.compiled import CompiledMatrix, compile_matrix
from scoring.engine.errors import EngineError, Problem
from scoring.engine.evaluate import evaluate
from scoring.engine.facts import parse_facts
from scoring.engine.json_text import checked_json, parse_json, read_json, write_json
from scoring.engine.parse import parse_matrix
from scoring.engine.reading import Place, without_echoes

_KEYS: Final = ("matrix", "facts", "as_of")


def today_in(zone: ZoneInfo) -> date:
    """The current day in a time zone."""
    return datetime.now(UTC).astimezone(zone).date()


def judge_text(text: str, *, today: Callable[[ZoneInfo], date] = today_in) -> dict[str, object]:
    """As `judge`, for the JSON text of a payload."""
    payload, refused = read_json(text)
    if payload is None and refused:
        return _errors(refused)
    return _judged(payload, refused, today)


def judge(payload: object, *, today: Callable[[ZoneInfo], date] = today_in) -> dict[str, object]:
    """The card of `{matrix, facts, as_of}`, or `{"errors": [{path, code, detail}]}` in its place.

    `as_of` left out is the current day in the matrix's time zone. Write the answer with `write_json`: it is exact.
    """
    sound, refused = checked_json(payload)
    return _judged(sound, refused, today)


def _judged(payload: object, refused: tuple[Problem, ...], today: Callable[[ZoneInfo], date]) -> dict[str, object]:
    problems: list[Problem] = []
    members = Place(payload, "", problems).members(_KEYS, ("matrix", "facts"))
    as_of = members["as_of"].day() if "as_of" in members else None
    compiled = facts = None
    try:
        compiled = compiled_document(members["matrix"].value) if "matrix" in members else None
    except EngineError as error:
        problems += [each.under("/matrix") for each in error.problems]
    try:
        facts = parse_facts(members["facts"].value) if "facts" in members else None
    except EngineError as error:
        problems += [each.under("/facts") for each in error.problems]
    found = without_echoes(refused, problems)
    if found or compiled is None or facts is None:
        return _errors(found)
    return evaluate(compiled, facts, as_of or today(compiled.zone)).to_json()


def _errors(problems: list[Problem] | tuple[Problem, ...]) -> dict[str, object]:
    return {"errors": [each.to_json() for each in problems]}


def compiled_document(document: object) -> CompiledMatrix:
    """The matrix of a document, ready to judge; equal documents are read once. Raises InvalidMatrix."""
    if not isinstance(document, Mapping):
        return compile_matrix(parse_matrix(document))
    return _compiled(write_json(document))


@lru_cache(maxsize=64)
def _compiled(text: str) -> CompiledMatrix:
    return compile_matrix(parse_matrix(parse_json(text)))
