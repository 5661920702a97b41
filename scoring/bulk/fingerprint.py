"""What tells two measurements apart."""

import hashlib
from collections.abc import Mapping
from itertools import chain

from scoring.engine.conditions import condition_document, fields_named
from scoring.engine.json_text import write_json
from scoring.engine.matrix import Condition, Criterion, Matrix, When
from scoring.engine.matrix_parts import part_document, when_document

#: The one field of a lead whose value depends on the zone in which days begin.
_BY_ZONE = "lead.created_days"
#: Raise it when measuring changes what it finds, so that nothing measured before is taken for it.
_MEASURING = 1


def criterion_fingerprint(criterion: Criterion, timezone: str, kinds: frozenset[str]) -> str:
    """Hex; where it is equal the units are equal, on the same facts and day.

    The time zone and the kinds, those handed to the engine, only tell criteria apart that look at them.
    """
    document: dict[str, object] = {"if": condition_document(criterion.if_)}
    if criterion.when is not None:
        document |= {
            "when": when_document(criterion.when),
            "count": part_document(criterion.count),
            "decay": part_document(criterion.decay),
            "timezone": timezone,
            "kinds": sorted(_kinds_looked_at(criterion.when, kinds)),
        }
    return _digest(document | _zone(criterion.if_, timezone))


def applies_fingerprint(matrix: Matrix) -> str:
    """Hex; where it is equal the model applies to the same leads, on the same facts and day."""
    condition = matrix.applies_to
    return _digest({"if": condition_document(condition)} | _zone(condition, matrix.timezone))


def _zone(condition: Condition, timezone: str) -> dict[str, object]:
    return {"timezone": timezone} if _BY_ZONE in fields_named(condition) else {}


def _kinds_looked_at(when: When, kinds: frozenset[str]) -> frozenset[str]:
    named = [when.pattern.kinds] if when.after is None else [when.pattern.kinds, when.after.pattern.kinds]
    return kinds.intersection(chain.from_iterable(named)) if all(named) else kinds


def _digest(document: Mapping[str, object]) -> str:
    text = write_json(dict(document) | {"measuring": _MEASURING}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
