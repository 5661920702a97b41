"""Conditions over many rows at once, in the three-valued logic of the engine.

Inside, truths are ranked: false below unknown below true. So `all` is the least of its parts, `any` the greatest, and
`not` turns the ranks round, for unknown stays in the middle. Leaves are answered by the engine's own test, once for
each distinct value.
"""

from collections.abc import Callable
from datetime import date
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Column
from scoring.bulk.dictionary import FALSE, TRUE, UNKNOWN, Dictionary
from scoring.engine.conditions import condition_text, leaf_test
from scoring.engine.matrix import AllOf, Always, AnyOf, Condition, Leaf, Not

#: NO, UNSURE or YES for each row.
Ranked = NDArray[np.uint8]

NO: Final = np.uint8(0)
UNSURE: Final = np.uint8(1)
YES: Final = np.uint8(2)

_RANK: Final = np.zeros(3, np.uint8)
_RANK[[FALSE, UNKNOWN, TRUE]] = NO, UNSURE, YES

#: The only op whose answer moves with the as-of day.
_OF_THE_DAY: Final = "years_between"


def judge(condition: Condition, answer: Callable[[Leaf], Ranked], rows: int) -> Ranked:
    """The condition for each of so many rows. `answer` says it of a leaf; what it gives is not written into."""
    match condition:
        case Always():
            return np.full(rows, YES)
        case AllOf(conditions=parts):
            return reduce(np.minimum, (judge(part, answer, rows) for part in parts))
        case AnyOf(conditions=parts):
            return reduce(np.maximum, (judge(part, answer, rows) for part in parts))
        case Not(condition=inner):
            return YES - judge(inner, answer, rows)
        case Leaf():
            return answer(condition)


def answers(dictionary: Dictionary, leaf: Leaf, as_of: date) -> Ranked:
    """What the leaf says of each distinct value, by code; asked once a dictionary and, where it matters, day."""
    key = ("leaf", leaf.op, condition_text(leaf), as_of if leaf.op == _OF_THE_DAY else None)
    return dictionary.kept(key, lambda: _RANK[dictionary.truths(leaf_test(leaf), as_of)])


def answers_of_rows(column: Column, leaf: Leaf, as_of: date) -> Ranked:
    return answers(column.dictionary, leaf, as_of).take(column.codes)


def leaves_of(condition: Condition) -> tuple[Leaf, ...]:
    match condition:
        case Always():
            return ()
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            return tuple(leaf for part in parts for leaf in leaves_of(part))
        case Not(condition=inner):
            return leaves_of(inner)
        case Leaf():
            return (condition,)
