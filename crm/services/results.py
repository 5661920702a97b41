"""What became of each item of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.errors import Problem


@dataclass(frozen=True, kw_only=True)
class ItemResult:
    """One item, by its place in the batch.

    `status` is accepted, duplicate, quarantined or rejected for an activity; created, updated, unchanged or rejected for
    a lead. What was not taken carries a code, a pointer into the item and a sentence; `problems` holds all of them.
    """

    index: int
    status: str
    message_id: str = ""
    lead_id: int | None = None
    possible_duplicate_of: int | None = None
    code: str = ""
    pointer: str = ""
    detail: str = ""
    problems: Sequence[Problem] = ()


def rejected(index: int, problems: Sequence[Problem], *, message_id: str = "") -> ItemResult:
    """A refused item; its code, pointer and sentence are those of the first problem."""
    first = problems[0]
    return ItemResult(
        index=index,
        status="rejected",
        message_id=message_id,
        code=first.code,
        pointer=first.pointer,
        detail=first.detail,
        problems=tuple(problems),
    )
