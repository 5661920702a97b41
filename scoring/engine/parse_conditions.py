"""Reading conditions: every field, op and operand is settled here, so that judging never has to ask again."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from scoring.engine.errors import InvalidMatrix, Problem
from scoring.engine.fields import ALL_OPS, OPS, PREFIXES, Field, Scope, field_named
from scoring.engine.json_text import checked_json
from scoring.engine.matrix import ALWAYS, AllOf, AnyOf, Condition, Leaf, Not
from scoring.engine.reading import Place, without_echoes
from scoring.engine.text import WHITE_SPACE, day_in, has_words, is_blank, normalise_text
from scoring.engine.types import Operand, Scalar

#: How many of all, any and not may stand above a leaf.
MOST_ABOVE_A_LEAF: Final = 5
#: How many values an operand may hold.
MOST_VALUES: Final = 200

_COMBINERS: Final = ("all", "any", "not")
_LEAF_KEYS: Final = ("field", "op", "value")


def parse_lead_condition(document: object) -> Condition:
    """A condition on a lead and its company that stands alone. Raises InvalidMatrix with every problem found."""
    sound, refused = checked_json(document)
    problems: list[Problem] = []
    condition = read_condition(Place(sound, "", problems), "lead")
    found = without_echoes(refused, problems)
    if found:
        raise InvalidMatrix(found)
    return condition


def read_condition(place: Place, scope: Scope, above: int = 0) -> Condition:
    """The condition, or one that is always true where problems were reported."""
    members = place.object()
    if not members:
        return ALWAYS
    combiners = [name for name in _COMBINERS if name in members]
    if len(combiners) == 1 and not any(name in members for name in _LEAF_KEYS):
        place.members(combiners)
        return _combined(members[combiners[0]], combiners[0], place, scope, above)
    if combiners:
        place.report("condition_form")
        return ALWAYS
    return _leaf(place, scope)


def _combined(inner: Place, combiner: str, place: Place, scope: Scope, above: int) -> Condition:
    if above == MOST_ABOVE_A_LEAF:
        place.report("condition_too_deep", most=MOST_ABOVE_A_LEAF)
        return ALWAYS
    if combiner == "not":
        return Not(condition=read_condition(inner, scope, above + 1))
    parts = tuple(read_condition(entry, scope, above + 1) for entry in inner.entries(least=1) or ())
    return AllOf(conditions=parts) if combiner == "all" else AnyOf(conditions=parts)


def _leaf(place: Place, scope: Scope) -> Condition:
    members = place.members(_LEAF_KEYS, ("field", "op"))
    name = members["field"].text() if "field" in members else None
    op = members["op"].text() if "op" in members else None
    field = None if name is None else field_named(name, scope)
    if name is not None and field is None:
        members["field"].report("unknown_field", prefixes=" or ".join(PREFIXES[scope]))
    if op is None:
        return ALWAYS
    if op not in ALL_OPS:
        members["op"].report("unknown_op", choices=", ".join(ALL_OPS if field is None else OPS[field.kind]))
        return ALWAYS
    if field is not None and op not in OPS[field.kind]:
        members["op"].report("op_not_for_field", choices=", ".join(OPS[field.kind]))
    if op == "is_known":
        if "value" in members:
            members["value"].report("value_beside_is_known")
        return ALWAYS if name is None else Leaf(field=name, op=op)
    if "value" not in members:
        place.at("value").report("required")
        return ALWAYS
    value = _OPERANDS[op](members["value"])
    if field is not None and field.choices and op in ("is", "in"):
        _check_choices(members["value"], field)
    return ALWAYS if name is None or value is None else Leaf(field=name, op=op, value=value)


def _one(place: Place) -> Operand | None:
    return place.scalar()


def _list(place: Place) -> Operand | None:
    entries = place.entries(most=MOST_VALUES, least=1)
    found = [entry.scalar() for entry in entries or ()]
    return None if not entries or None in found else tuple(each for each in found if each is not None)


def _texts(check: Callable[[Place, str], None]) -> Callable[[Place], Operand | None]:
    """A text or a list of texts, each held against `check`."""

    def one(place: Place) -> str | None:
        text = place.text()
        if text is not None:
            check(place, text)
        return text

    def read(place: Place) -> Operand | None:
        if not isinstance(place.value, list):
            return one(place)
        found = [one(entry) for entry in place.entries(most=MOST_VALUES, least=1) or ()]
        return None if not found or None in found else tuple(each for each in found if each is not None)

    return read


def _any_text(_place: Place, _text: str) -> None:
    """Every text that is not blank will do."""


def _with_a_word(place: Place, text: str) -> None:
    if not has_words(text):
        place.report("no_word")


def _a_path(place: Place, text: str) -> None:
    if not text.strip(WHITE_SPACE).startswith("/"):
        place.report("path_form")


def _number_or_day(place: Place) -> Operand | None:
    value = place.value
    if isinstance(value, str):
        if day_in(value) is None:
            place.report("not_a_number_or_day")
            return None
        return value
    if value is not None and (isinstance(value, bool | list | dict)):
        place.report("not_a_number_or_day")
        return None
    return place.number()


def _number(place: Place) -> Operand | None:
    return place.number()


def _range(read: Callable[[Place], Operand | None]) -> Callable[[Place], Operand | None]:
    """Two of what `read` reads, the first not above the second."""

    def read_range(place: Place) -> Operand | None:
        entries = place.entries()
        if entries is None:
            return None
        if len(entries) != 2:
            place.report("pair")
            return None
        low, high = (read(entry) for entry in entries)
        if low is None or high is None or isinstance(low, tuple) or isinstance(high, tuple):
            return None
        return _rising_pair(place, low, high)

    return read_range


def _rising_pair(place: Place, low: Scalar, high: Scalar) -> Operand | None:
    if isinstance(low, str) or isinstance(high, str):
        if not (isinstance(low, str) and isinstance(high, str)):
            place.report("mixed_range")
            return None
        # Days written YYYY-MM-DD stand in the order of the calendar.
        falls = low > high
    else:
        falls = low > high
    if falls:
        place.report("falling_range")
        return None
    return (low, high)


_OPERANDS: Final[Mapping[str, Callable[[Place], Operand | None]]] = {
    "is": _one,
    "in": _list,
    "contains": _texts(_any_text),
    "starts_with": _texts(_any_text),
    "ends_with": _texts(_any_text),
    "has_word": _texts(_with_a_word),
    "gt": _number_or_day,
    "gte": _number_or_day,
    "lt": _number_or_day,
    "lte": _number_or_day,
    "between": _range(_number_or_day),
    "years_between": _range(_number),
    "has_any": _list,
    "has_all": _list,
    "path_is": _texts(_a_path),
    "path_starts_with": _texts(_a_path),
}


def _check_choices(operand: Place, field: Field) -> None:
    """The values of a field with a fixed list are told apart as text, so `US` and `us` are both of it."""
    known = {normalise_text(choice) for choice in field.choices}
    members = operand.entries() or () if isinstance(operand.value, list) else (operand,)
    for member in members:
        value = member.value
        is_read = isinstance(value, bool | int | float | Decimal) or (isinstance(value, str) and not is_blank(value))
        if is_read and not (isinstance(value, str) and normalise_text(value) in known):
            member.report("outside_the_list", choices=", ".join(field.choices))
