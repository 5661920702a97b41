"""One edit of a matrix document: at a place, from one value to another. Pure; the document handed in is not touched.

A place is an RFC 6901 pointer. A member of a list of objects that have a `key` (criteria, stages) may be named by that
key, `/criteria/pricing-page/points`, which stays right while others insert or reorder; the path answered always names
it so. `-` as the last step is the place after the end of a list.
"""

from typing import Final

from scoring.engine.json_text import write_json


class Missing:
    """Nothing stands there."""


MISSING: Final = Missing()


class EditConflict(Exception):
    """Something else stands there than the edit says; `found` is None for nothing."""

    def __init__(self, found: object) -> None:
        super().__init__("Something else stands there.")
        self.found = None if isinstance(found, Missing) else found


class NoSuchPlace(Exception):
    """A step of the path leads nowhere."""


def document_edited(document: object, *, path: str, before: object, after: object) -> tuple[object, str]:
    """A new document with `after` where `before` stood, and the path with members named by their keys."""
    if not path.startswith("/"):
        raise NoSuchPlace(path)
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
    edited, named = _edited(document, steps, before, after)
    return edited, "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in named)


def _edited(node: object, steps: list[str], before: object, after: object) -> tuple[object, list[str]]:
    if not steps:
        if not _same(node, before):
            raise EditConflict(node)
        return after, []
    step, rest = steps[0], steps[1:]
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
    if step.isascii() and step.isdigit() and int(step) < len(members):
        return int(step)
    raise NoSuchPlace(step)


def _key_of(member: object) -> str | None:
    key = member.get("key") if isinstance(member, dict) else None
    return key if isinstance(key, str) else None


def _same(found: object, expected: object) -> bool:
    """Equal as JSON, where true is not 1 and the order of names says nothing."""
    if isinstance(found, Missing) or isinstance(expected, Missing):
        return found is expected
    return write_json(found, sort_keys=True) == write_json(expected, sort_keys=True)
