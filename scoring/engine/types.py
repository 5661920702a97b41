"""The words of the scoring contract as types, and the units numbers are in."""

from decimal import Decimal
from typing import Final, Literal, TypeAlias

#: One whole unit, share or repeat factor, in micro-units.
MICRO: Final = 1_000_000

DimensionName: TypeAlias = Literal["fit", "behavior", "qualification"]
DIMENSIONS: Final[tuple[DimensionName, ...]] = ("fit", "behavior", "qualification")

Grade: TypeAlias = Literal["A", "B", "C", "D", "F"]
#: Best first; F is what is left below the last threshold.
GRADES: Final[tuple[Grade, ...]] = ("A", "B", "C", "D", "F")
#: Most engaged first; 4 is what is left below the last threshold.
LEVELS: Final[tuple[int, ...]] = (1, 2, 3, 4)

Audience: TypeAlias = Literal["b2b", "b2c"]
HandOffStage: TypeAlias = Literal["mql", "sql"]
Outcome: TypeAlias = Literal["met", "not_met", "unknown", "disabled"]
Applies: TypeAlias = Literal["met", "not_met", "unknown"]
DecidedBy: TypeAlias = Literal["points", "fast_track", "disqualifier"]
LimitKind: TypeAlias = Literal["group", "dimension", "weight"]

#: True, False, or None for unknown.
Truth: TypeAlias = bool | None

#: A member of an operand. Numbers are int or Decimal, never float.
Scalar: TypeAlias = str | int | Decimal | bool
#: The `value` of a leaf: one, or a list.
Operand: TypeAlias = Scalar | tuple[Scalar, ...]

#: A value of a fact as it was handed in: any JSON value. Fractions may be Decimal (from `parse_json`) or float.
Value: TypeAlias = object
