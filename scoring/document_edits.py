"""One edit of a matrix document: at a place, from one value to another. Pure; the document handed in is not touched.

A place is an RFC 6901 pointer. A member of a list of objects that have a `key` (criteria, stages) may be named by that
key, `/criteria/pricing-page/points`, which stays right while others insert or reorder; the path answered always names
it so. Where nothing stands and something shall, a number as the last step is the place in a list before which it is put,
and `-` the place after the end.

Where `before` and `after` are lists of those keys, the edit puts the members in another order and says nothing of what
is in them: it fails only where members came, went or were moved meanwhile.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, cast


class Missing:
    """Nothing stands there."""


MISSING: Final = Missing()
# No list has more members.
_LONGEST_NUMBER: Final = 6


class EditConflict(Exception):
    """Something else stands there than the edit says; `found` is None for nothing."""

    def __init__(self, found: object) -> None:
        super().__init__("Something else stands there.")
        self.found = None if isinstance(found, Missing) else found


class NoSuchPlace(Exception):
    """A step of the path leads nowhere."""


def document_edited(
    document: object, *, path: str, before: object, after: object, position: int | None = None
) -> tuple[object, str]:
    """A new document with `after` where `before` stood, and the path with members named by their keys.

    A member that is put back by its key into a list stands at `position` again, or at the end. Raises EditConflict and
    NoSuchPlace.
    """
    if not path.startswith("/"):
        raise NoSuchPlace(path)
    steps = _steps(path)
    if position is not None and isinstance(before, Missing):
        steps = [*steps[:-1], str(min(position, _length(document, steps[:-1])))]
    edited, named = _edited(document, steps, before, after)
    return edited, "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in named)


def member_index(document: object, path: str) -> int | None:
    """Where in its list the member stands that a path names; None where it names no member of a list."""
    steps = _steps(path)
    try:
        members = _found(document, steps[:-1])
        return _index(members, steps[-1]) if isinstance(members, list) else None
    except NoSuchPlace:
        return None


def _steps(path: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]


def _found(document: object, steps: Sequence[str]) -> object:
    """What stands at these steps, MISSING for nothing."""
    node = document
    for step in steps:
        if isinstance(node, dict):
            node = node.get(step, MISSING)
        elif isinstance(node, list):
            index = _index(node, step)
            node = node[index] if index < len(node) else MISSING
        else:
            return MISSING
    return node


def _length(document: object, steps: Sequence[str]) -> int:
    members = _found(document, steps)
    return len(members) if isinstance(members, list) else 0


def _edited(node: object, steps: list[str], before: object, after: object) -> tuple[object, list[str]]:
    if not steps:
        if _is_order(node) and _is_keys(before) and _is_keys(after):
            return _ordered(cast(list[object], node), cast(list[str], before), cast(list[str], after)), []
        if not is_same(node, before):
            raise EditConflict(node)
        return after, []
    step, rest = steps[0], steps[1:]
    if isinstance(node, list) and not rest and isinstance(before, Missing) and _is_place(step):
        if int(step) > len(node):
            raise NoSuchPlace(step)
        return [*node[: int(step)], after, *node[int(step) :]], [_key_of(after) or step]
    if isinstance(node, dict):
        child = node.get(step, MISSING)
        if rest and isinstance(child, Missing):
            raise NoSuchPlace(step)
        edited, named = _edited(child, rest, before, after)
        kept = {name: each for name, each in node.items() if name != step or not isinstance(edited, Missing)}
        return (kept if isinstance(edited, Missing) else {**kept, step: edited}), [step, *named]
    if isinstance(node, list):
        index = _index(node, step)
        if index == len(node) and rest:
            raise NoSuchPlace(step)
        child = node[index] if index < len(node) else MISSING
        edited, named = _edited(child, rest, before, after)
        members = node[:index] + ([] if isinstance(edited, Missing) else [edited]) + node[index + 1 :]
        name = _key_of(edited if index == len(node) else child)
        return members, [step if name is None else name, *named]
    raise NoSuchPlace(step)


def _index(members: list[object], step: str) -> int:
    if step == "-":
        return len(members)
    # By key first: a criterion may be called "12".
    for index, each in enumerate(members):
        if _key_of(each) == step:
            return index
    if _is_place(step) and int(step) <= len(members):
        return int(step)
    raise NoSuchPlace(step)


def _is_place(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) <= _LONGEST_NUMBER


def _key_of(member: object) -> str | None:
    key = member.get("key") if isinstance(member, dict) else None
    return key if isinstance(key, str) else None


def _is_order(node: object) -> bool:
    """A list whose members are all named by a key."""
    return isinstance(node, list) and bool(node) and all(_key_of(each) is not None for each in node)


def _is_keys(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


def _ordered(members: list[object], before: list[str], after: list[str]) -> list[object]:
    found = [_key_of(each) for each in members]
    if found != before:
        raise EditConflict(found)
    if sorted(after) != sorted(before):
        raise NoSuchPlace("An order names every member once.")
    return [members[before.index(key)] for key in after]


def is_same(found: object, expected: object) -> bool:
    """Equal as JSON, where true is not 1, the order of names says nothing, and 1.10 is 1.1: a browser writes it so."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(is_same(each, expected[name]) for name, each in found.items())
    if isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(is_same, found, expected))
    if _is_number(found) and _is_number(expected):
        return found == expected or _as_browsers_hold(found) == _as_browsers_hold(expected)
    return type(found) is type(expected) and found == expected


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _as_browsers_hold(number: object) -> object:
    """The nearest double; a whole number beyond all doubles as it is."""
    try:
        return float(number)  # type: ignore[arg-type]  # asked of numbers only
    except OverflowError:
        return number
