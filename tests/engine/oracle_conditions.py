"""The scoring contract 4.2 transcribed: values, operators and three-valued conditions, slowly and plainly.

A truth is True, False or None, where None is "unknown". Nothing here is shared with the engine.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

Truth = bool | None
Lookup = Callable[[str], Any]

# The code points with the Unicode property White_Space.
WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def trimmed(text: str) -> str:
    """4.2: trimming (Unicode white space)."""
    return text.strip(WHITE_SPACE)


def as_compared(text: str) -> str:
    """4.2: text compares after Unicode NFKC, case-folding and trimming."""
    return trimmed(unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> list[str]:
    """4.2: a word is a longest run of Unicode letters, marks and digits."""
    found = [""]
    for character in as_compared(text):
        category = unicodedata.category(character)
        if category[0] in "LM" or category == "Nd":
            found[-1] += character
        else:
            found.append("")
    return [word for word in found if word]


def is_number(value: Any) -> bool:
    """A JSON number: Python counts booleans among the integers, JSON does not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def exact(number: int | float) -> Fraction:
    """A JSON number is the decimal that was written, not the nearest binary fraction."""
    return Fraction(json.dumps(number))


def read_number(value: Any) -> Fraction | None:
    """4.2: a JSON number, or a text of an optional sign, digits, and optionally a point and digits."""
    if is_number(value):
        return exact(value)
    if isinstance(value, str):
        text = trimmed(unicodedata.normalize("NFKC", value))
        if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
            return Fraction(text)
    return None


def read_date(value: Any) -> date | None:
    """4.2: a value whose first ten characters, after trimming, are a date YYYY-MM-DD."""
    if not isinstance(value, str):
        return None
    text = trimmed(value)[:10]
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    year, month, day = text.split("-")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_text(value: Any) -> str | None:
    """4.2: a number under a text op reads as its JSON text; a boolean or a list cannot be read."""
    if isinstance(value, str):
        return value
    if is_number(value):
        return json.dumps(value)
    return None


def read_path(value: Any) -> str | None:
    """4.3: trim, leave out scheme://host or //host, end before ? or #, drop one final slash."""
    text = read_text(value)
    if text is None:
        return None
    text = trimmed(text)
    origin = re.match(r"([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*", text)
    if origin:
        text = text[origin.end() :]
    path = re.split(r"[?#]", text)[0]
    if path == "":
        path = "/"
    if not path.startswith("/"):
        return None
    return without_final_slash(path)


def without_final_slash(path: str) -> str:
    """4.3: from a path or operand longer than `/` one final `/` is dropped."""
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


def is_unknown(value: Any) -> bool:
    """4.2: a value is unknown where it is missing, null, blank text or an empty list."""
    return value is None or value == [] or (isinstance(value, str) and trimmed(value) == "")


def equal(value: Any, operand: Any) -> bool:
    """4.2: equality under `is`, `in` and for the members of a list."""
    if value is None or isinstance(value, list | dict):
        return False
    if isinstance(value, bool) or isinstance(operand, bool):
        return as_boolean(value) is not None and as_boolean(value) is as_boolean(operand)
    if is_number(value) or is_number(operand):
        left, right = read_number(value), read_number(operand)
        return left is not None and left == right
    return as_compared(value) == as_compared(operand)


def as_boolean(value: Any) -> bool | None:
    """4.2: a boolean equals a boolean or the text true or false, and nothing else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(as_compared(value))
    return None


def any_text(value: Any, operand: Any, holds: Callable[[str, str], bool]) -> Truth:
    """4.2: a text op is true when it holds for one of its operands."""
    text = read_text(value)
    if text is None:
        return None
    return any(holds(text, one) for one in as_list(operand))


def as_list(operand: Any) -> list[Any]:
    return operand if isinstance(operand, list) else [operand]


def stands_in(text: str, phrase: str) -> bool:
    """4.2 has_word: whole, consecutive words."""
    inside, sought = words(text), words(phrase)
    return any(inside[i : i + len(sought)] == sought for i in range(len(inside)))


def any_path(value: Any, operand: Any, holds: Callable[[str, str], bool]) -> Truth:
    """4.3: the path is cut first and only then compared as text."""
    path = read_path(value)
    if path is None:
        return None
    return any(holds(as_compared(path), as_compared(without_final_slash(trimmed(one)))) for one in as_list(operand))


def lies_at_or_under(path: str, operand: str) -> bool:
    """4.3 path_starts_with."""
    return operand == "/" or path == operand or path.startswith(operand + "/")


def ordered(value: Any, operand: Any, holds: Callable[[Any, Any], bool]) -> Truth:
    """4.2: a date operand asks for a date, any other for a number."""
    read: Callable[[Any], Any] = read_date if isinstance(operand, str) else read_number
    readable = read(value)
    return None if readable is None else holds(readable, read(operand))


def completed_years(since: date, until: date) -> int:
    """4.2 years_between: completed years from the date to the as-of day."""
    before_the_day = (until.month, until.day) < (since.month, since.day)
    return until.year - since.year - (1 if before_the_day else 0)


def leaf_truth(op: str, value: Any, operand: Any, as_of: date) -> Truth:
    """4.2: one leaf, `{field, op, value}`."""
    if op == "is_known":
        return not is_unknown(value)
    if is_unknown(value) or isinstance(value, dict):  # no op reads an object
        return None
    if op in ("has_any", "has_all"):
        members = as_list(value)
        shared = [any(equal(member, one) for member in members) for one in operand]
        return any(shared) if op == "has_any" else all(shared)
    if isinstance(value, list):
        return None
    match op:
        case "is":
            return equal(value, operand)
        case "in":
            return any(equal(value, one) for one in operand)
        case "contains":
            return any_text(value, operand, lambda t, o: as_compared(o) in as_compared(t))
        case "starts_with":
            return any_text(value, operand, lambda t, o: as_compared(t).startswith(as_compared(o)))
        case "ends_with":
            return any_text(value, operand, lambda t, o: as_compared(t).endswith(as_compared(o)))
        case "has_word":
            return any_text(value, operand, stands_in)
        case "path_is":
            return any_path(value, operand, lambda p, o: p == o)
        case "path_starts_with":
            return any_path(value, operand, lies_at_or_under)
        case "gt":
            return ordered(value, operand, lambda v, o: v > o)
        case "gte":
            return ordered(value, operand, lambda v, o: v >= o)
        case "lt":
            return ordered(value, operand, lambda v, o: v < o)
        case "lte":
            return ordered(value, operand, lambda v, o: v <= o)
        case "between":
            low = ordered(value, operand[0], lambda v, o: v >= o)
            high = ordered(value, operand[1], lambda v, o: v <= o)
            return None if low is None else low and high
        case "years_between":
            since = read_date(value)
            if since is None:
                return None
            years = completed_years(since, as_of)
            return exact(operand[0]) <= years <= exact(operand[1])
    raise AssertionError(f"The scoring contract (4.2) knows no operator {op!r}")


def truth(condition: Mapping[str, Any], look_up: Lookup, as_of: date) -> Truth:
    """4.2: `{}` is true; all, any and not follow three-valued logic."""
    if not condition:
        return True
    if "all" in condition:
        parts = [truth(part, look_up, as_of) for part in condition["all"]]
        if False in parts:
            return False
        return None if None in parts else True
    if "any" in condition:
        parts = [truth(part, look_up, as_of) for part in condition["any"]]
        if True in parts:
            return True
        return None if None in parts else False
    if "not" in condition:
        inner = truth(condition["not"], look_up, as_of)
        return None if inner is None else not inner
    value = look_up(condition["field"])
    return leaf_truth(condition["op"], value, condition.get("value"), as_of)


def fields_named(condition: Mapping[str, Any]) -> list[str]:
    """4.7: each field the condition names."""
    if "field" in condition:
        return [condition["field"]]
    below = condition.get("all") or condition.get("any") or [condition.get("not") or {}]
    return [name for part in below if part for name in fields_named(part)]


def lead_lookup(facts: Mapping[str, Any]) -> Lookup:
    """4.7: lead and company fields; what is missing is unknown."""

    def look_up(field: str) -> Any:
        owner, _, name = field.partition(".")
        place: Any = facts.get(owner) or {}
        for box in ("qualification", "attributes"):
            if name.startswith(box + "."):
                place, name = place.get(box) or {}, name.removeprefix(box + ".")
                break
        return place.get(name)

    return look_up


def activity_lookup(activity: Mapping[str, Any]) -> Lookup:
    """4.3: the fields of a pattern."""

    def look_up(field: str) -> Any:
        name = field.removeprefix("activity.")
        if name.startswith("properties."):
            return (activity.get("properties") or {}).get(name.removeprefix("properties."))
        return activity.get(name)

    return look_up
