"""Conditions as functions with three answers: true, false, and None for unknown.

A compiled condition takes the values of whom it speaks of, by full field name (`Facts.values`, `Activity.values`),
and the as-of day. Unknown is not no: a missing, null, blank, empty or unreadable value makes its leaf unknown.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any, Final, TypeAlias

from scoring.engine.json_text import write_json
from scoring.engine.matrix import AllOf, Always, AnyOf, Condition, Leaf, Not
from scoring.engine.text import (
    completed_years,
    day_in,
    is_blank,
    json_number,
    normalise_text,
    number_in,
    path_in,
    path_operand,
    read_day,
    read_number,
    read_text,
    word_line,
)
from scoring.engine.types import Operand, Scalar, Truth, Value

Judge: TypeAlias = Callable[[Mapping[str, Value], date], Truth]
#: What a leaf asks of its value; the day is the as-of day.
Test: TypeAlias = Callable[[Value, date], Truth]

_REMEMBERED: Final = 4096


def compile_condition(condition: Condition) -> Judge:
    match condition:
        case Always():
            return _always
        case AllOf(conditions=parts):
            return _all_of([compile_condition(part) for part in parts])
        case AnyOf(conditions=parts):
            return _any_of([compile_condition(part) for part in parts])
        case Not(condition=inner):
            return _not(compile_condition(inner))
        case Leaf():
            return _leaf(condition.field, leaf_test(condition))


def fields_named(condition: Condition) -> tuple[str, ...]:
    """Each field the condition names, once, in the order of the document."""
    match condition:
        case Always():
            return ()
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            return tuple(dict.fromkeys(name for part in parts for name in fields_named(part)))
        case Not(condition=inner):
            return fields_named(inner)
        case Leaf():
            return (condition.field,)


def condition_document(condition: Condition) -> dict[str, object]:
    """The condition as a document writes it."""
    match condition:
        case Always():
            return {}
        case AllOf(conditions=parts):
            return {"all": [condition_document(part) for part in parts]}
        case AnyOf(conditions=parts):
            return {"any": [condition_document(part) for part in parts]}
        case Not(condition=inner):
            return {"not": condition_document(inner)}
        case Leaf():
            value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
            written: dict[str, object] = {"field": condition.field, "op": condition.op}
            return written if value is None else written | {"value": value}


def condition_text(condition: Condition) -> str:
    """One text for one condition, to find equal ones by: unlike `==` it tells `true` from `1`."""
    return write_json(condition_document(condition), sort_keys=True)


def _always(_values: Mapping[str, Value], _as_of: date) -> Truth:
    return True


def _all_of(parts: list[Judge]) -> Judge:
    def judge(values: Mapping[str, Value], as_of: date) -> Truth:
        answer: Truth = True
        for part in parts:
            truth = part(values, as_of)
            if truth is False:
                return False
            if truth is None:
                answer = None
        return answer

    return judge


def _any_of(parts: list[Judge]) -> Judge:
    def judge(values: Mapping[str, Value], as_of: date) -> Truth:
        answer: Truth = False
        for part in parts:
            truth = part(values, as_of)
            if truth is True:
                return True
            if truth is None:
                answer = None
        return answer

    return judge


def _not(inner: Judge) -> Judge:
    def judge(values: Mapping[str, Value], as_of: date) -> Truth:
        truth = inner(values, as_of)
        return None if truth is None else not truth

    return judge


def _leaf(field: str, test: Test) -> Judge:
    def judge(values: Mapping[str, Value], as_of: date) -> Truth:
        return test(values.get(field), as_of)

    return judge


def leaf_test(leaf: Leaf) -> Test:
    members = _members(leaf.value)
    texts = tuple(member for member in members if isinstance(member, str))
    match leaf.op:
        case "is_known":
            return _is_known
        case "is" | "in":
            return _equal_to_one_of(members)
        case "has_any":
            return _shares_one(members)
        case "has_all":
            return _shares_all(members)
        case "between":
            return _between(members)
        case "years_between":
            return _years_between(members)
        case "path_is":
            return _path_is(texts)
        case "path_starts_with":
            return _path_starts_with(texts)
        case "has_word":
            return _has_word(texts)
        case "gt" | "gte" | "lt" | "lte":
            return _ordered(leaf.op, members[0])
        case _:
            return _text_test(leaf.op, tuple(normalise_text(text) for text in texts))


def _members(operand: Operand | None) -> tuple[Scalar, ...]:
    if operand is None:
        return ()
    return operand if isinstance(operand, tuple) else (operand,)


def _is_known(value: Value, _as_of: date) -> Truth:
    if isinstance(value, str):
        return not is_blank(value)
    if isinstance(value, list | tuple):
        return len(value) > 0
    return value is not None


def _equal_to_one_of(members: tuple[Scalar, ...]) -> Test:
    # A boolean equals a boolean or the text for it, and nothing else: it joins the texts, never the numbers.
    texts = frozenset(_boolean_text(each) if isinstance(each, bool) else normalise_text(each)
                      for each in members if isinstance(each, bool | str))  # fmt: skip
    numbers = frozenset(each for each in map(json_number, members) if each is not None)
    texts_as_numbers = (number_in(each) for each in members if isinstance(each, str))
    any_numbers = numbers | {each for each in texts_as_numbers if each is not None}

    def test(value: Value, _as_of: date) -> Truth:
        if isinstance(value, str):
            normal = normalise_text(value)
            if not normal:
                return None
            return normal in texts or (bool(numbers) and number_in(value) in numbers)
        if isinstance(value, bool):
            return _boolean_text(value) in texts
        number = json_number(value)
        return None if number is None else number in any_numbers

    return test


def _boolean_text(value: bool) -> str:
    return "true" if value else "false"


def _shares_one(members: tuple[Scalar, ...]) -> Test:
    equal = _equal_to_one_of(members)

    def test(value: Value, as_of: date) -> Truth:
        held = _list_of(value)
        return None if held is None else any(equal(each, as_of) is True for each in held)

    return test


def _shares_all(members: tuple[Scalar, ...]) -> Test:
    equals = [_equal_to_one_of((member,)) for member in members]

    def test(value: Value, as_of: date) -> Truth:
        held = _list_of(value)
        return None if held is None else all(any(equal(each, as_of) is True for each in held) for equal in equals)

    return test


def _list_of(value: Value) -> tuple[Value, ...] | None:
    """The members under a list op, a single value being a list of one; None where it is unknown or an object."""
    if isinstance(value, list | tuple):
        return tuple(value) or None
    if value is None or isinstance(value, dict) or (isinstance(value, str) and is_blank(value)):
        return None
    return (value,)


def _text_test(op: str, operands: tuple[str, ...]) -> Test:
    if op == "starts_with":
        return _on_text(lambda text: text.startswith(operands))
    if op == "ends_with":
        return _on_text(lambda text: text.endswith(operands))
    return _on_text(lambda text: any(operand in text for operand in operands))


def _on_text(holds: Callable[[str], bool]) -> Test:
    def test(value: Value, _as_of: date) -> Truth:
        text = read_text(value)
        normal = "" if text is None else normalise_text(text)
        return holds(normal) if normal else None

    return test


def _has_word(operands: tuple[str, ...]) -> Test:
    lines = tuple(word_line(operand) for operand in operands)

    def test(value: Value, _as_of: date) -> Truth:
        text = read_text(value)
        if text is None or is_blank(text):
            return None
        line = word_line(text)
        return any(each in line for each in lines)

    return test


def _path_is(operands: tuple[str, ...]) -> Test:
    paths = frozenset(path_operand(operand) for operand in operands)
    return _on_path(lambda path: path in paths)


def _path_starts_with(operands: tuple[str, ...]) -> Test:
    paths = frozenset(path_operand(operand) for operand in operands)
    if "/" in paths:
        return _on_path(lambda _path: True)
    beginnings = tuple(f"{path}/" for path in paths)
    return _on_path(lambda path: path in paths or path.startswith(beginnings))


def _on_path(holds: Callable[[str], bool]) -> Test:
    # The same few pages come up in lead after lead.
    @lru_cache(maxsize=_REMEMBERED)
    def answer(text: str) -> Truth:
        path = path_in(text)
        return None if path is None else holds(path)

    def test(value: Value, _as_of: date) -> Truth:
        if isinstance(value, str):
            return answer(value)
        text = read_text(value)
        return None if text is None else answer(text)

    return test


# Numbers compare with numbers and days with days: which of the two is settled where the operand is read.
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


def _ordered(op: str, operand: Scalar) -> Test:
    holds = _ORDER[op]
    read, bound = _reader_and_bound(operand)

    def test(value: Value, _as_of: date) -> Truth:
        found = read(value)
        return None if found is None else holds(found, bound)

    return test


def _between(members: tuple[Scalar, ...]) -> Test:
    read, low = _reader_and_bound(members[0])
    _, high = _reader_and_bound(members[1])

    def test(value: Value, _as_of: date) -> Truth:
        found = read(value)
        return None if found is None else low <= found <= high

    return test


def _reader_and_bound(operand: Scalar) -> tuple[Callable[[Value], Any], Any]:
    """How to read a value to hold it against this number or day, and the number or day."""
    return (read_day, day_in(operand)) if isinstance(operand, str) else (read_number, operand)


def _years_between(members: tuple[Scalar, ...]) -> Test:
    low, high = (member if isinstance(member, int | Decimal) else 0 for member in members)

    def test(value: Value, as_of: date) -> Truth:
        start = read_day(value)
        return None if start is None else low <= completed_years(start, as_of) <= high

    return test
