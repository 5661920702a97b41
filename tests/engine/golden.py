"""Read the golden cases and hold a card against what they say. The format is told in cases/README.md."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
Json = dict[str, Any]


def golden_cases(*, of: str) -> dict[str, Json]:
    """Cases by `area/situation`, those that expect a `card` or those that expect `problems`."""
    cases = {
        path.relative_to(CASES).with_suffix("").as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(CASES.glob("*/*.json"))
    }
    return {name: case for name, case in cases.items() if of in case}


def differences(case: Mapping[str, Any], card: Mapping[str, Any]) -> list[str]:
    """Sentences saying where the card is not what the case expects; empty when it is."""
    expected = case["card"]
    if case.get("whole"):
        return _difference("the card", expected, card) or _unlike("the card", expected, card)
    found: list[str] = []
    for key, value in expected.items():
        if key == "ledger":
            found += _ledger_differences(value, card["ledger"])
        elif key not in card:
            found.append(f"the card has no {key}, expected {value!r}")
        else:
            found += _difference(key, value, card[key])
    return found


def _ledger_differences(expected: list[Json], ledger: list[Json]) -> list[str]:
    lines = {line["criterion"]: line for line in ledger if "criterion" in line}
    found: list[str] = []
    for line in expected:
        if "criterion" in line:
            found += _difference(line["criterion"], line, lines.get(line["criterion"]))
    limits = [line for line in expected if "limit" in line]
    found_limits = [line for line in ledger if "limit" in line]
    return found + _unlike("limit lines", limits, found_limits)


def _difference(place: str, expected: Any, found: Any) -> list[str]:
    """Objects are compared by the keys the case lists, but `fields` and limit lines as a whole."""
    if isinstance(expected, dict) and isinstance(found, dict) and not place.endswith("fields"):
        return [
            sentence
            for key, value in expected.items()
            for sentence in _difference(f"{place}.{key}", value, found.get(key))
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            sentence
            for index, value in enumerate(expected)
            for sentence in _difference(f"{place}[{index}]", value, found[index])
        ]
    return _unlike(place, expected, found)


def _unlike(place: str, expected: Any, found: Any) -> list[str]:
    """As JSON, where true is not 1 and the order of keys says nothing."""
    same = json.dumps(expected, sort_keys=True) == json.dumps(found, sort_keys=True)
    return [] if same else [f"{place}: expected {expected!r}, got {found!r}"]
