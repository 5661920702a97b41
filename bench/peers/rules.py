"""Rule engines, a lead at a time, on ready-made tallies: `python -m bench.peers.rules FOLDER FILE`. Needs none of the product.

All 30 criteria, each as one rule; behavior as the number of counted matches that somebody else has tallied. Left out: the
counting itself, curves of decay, limits of groups and dimensions, gates, stages, disqualifier and fast track.
"""

import importlib.metadata
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonlogic_rs
import rule_engine
import zen

from bench.figures import Figure, figures_write
from bench.scale import scale_chosen

Facts = dict[str, Any]
#: Key, points, and conditions that all hold: field, op, value.
FIT: tuple[tuple[str, int, tuple[tuple[str, str, Any], ...]], ...] = (
    ("decision_maker", 18, (("seniority", "in", ["c_level", "vp"]),)),
    ("buying_role", 7, (("title", "contains", "Marketing"),)),
    ("student", -25, (("seniority", "in", ["student"]),)),
    ("company_size", 8, (("employees", ">=", 50), ("employees", "<=", 2000))),
    ("rich", 6, (("revenue", ">=", 50000000),)),
    ("technology", 6, (("technologies", "has", "Django"),)),
    ("market", 5, (("country", "in", ["DE", "AT", "CH", "FR", "GB", "US"]),)),
    ("reachable", 3, (("phone", "known", None),)),
    ("private_address", -10, (("email", "contains", "@mail.example"),)),
    ("invented", -15, (("is_suspect", "is", True),)),
    ("rival", -50, (("domain", "contains", ".rival.example"),)),
    ("paying", 9, (("plan", "in", ["business", "enterprise"]), ("seats", ">", 20))),
    ("long_customer", 4, (("seats", ">=", 10),)),
    ("new_lead", 5, (("seats", "<=", 14),)),
    ("need_known", 12, (("need", "known", None), ("budget", ">=", 5000))),
)
#: Key, points of each match, and how old the newest may be.
BEHAVIOR = (
    ("pricing", 9, 90), ("pricing_decider", 10, 9_000), ("docs", 4, 180), ("careers", -8, 90), ("busy_week", 8, 9_000),
    ("waking_up", 6, 9_000), ("longer_visits", 4, 9_000), ("assets", 5, 240), ("read_after_mail", 4, 60), ("watched", 6, 90),
    ("webinar_booked", 5, 120), ("webinar_attended", 12, 365), ("demo_asked", 30, 30), ("unsubscribed", -30, 720),
    ("went_quiet", -5, 9_999),
)  # fmt: skip


def main() -> None:
    folder, path = Path(sys.argv[1]), Path(sys.argv[2])
    leads = [json.loads(line) for line in (folder / "tallies.jsonl").read_text().splitlines()]
    for lead in leads:
        for key, _points, _age in BEHAVIOR:
            lead.setdefault(f"n_{key}", 0)
            lead.setdefault(f"age_{key}", 9_999)
    population, figures = scale_chosen().leads, []
    totals = {}
    for key, name, made in (("peer-zen", "zen-engine", by_zen()), ("peer-jsonlogic", "jsonlogic-rs", by_jsonlogic()),
                            ("peer-rules", "rule-engine", by_rule_engine())):  # fmt: skip
        made(leads[0])
        start = time.perf_counter()
        totals[name] = [round(made(lead)) for lead in leads]
        took = time.perf_counter() - start
        title = f"{name} {importlib.metadata.version(name)}, a lead at a time, on ready tallies"
        note = f"scaled up from {len(leads):,} leads, {1_000 * took / len(leads):.3f} ms each; no counting, decay, limits or stages"
        figures.append(Figure(key=key, title=title, unit="s", runs=[took * population / len(leads)], note=note))
    if len({tuple(each) for each in totals.values()}) != 1:
        differing = sum(len(set(each)) > 1 for each in zip(*totals.values(), strict=True))
        raise SystemExit(f"The rule engines disagree about {differing} leads: their rules are not the same.")
    figures_write(path, figures)


def by_zen() -> Callable[[Facts], float]:
    """A decision of one expression node."""

    def leaf(field: str, op: str, value: Any) -> str:
        match op:
            case "in":
                return f"{field} in {json.dumps(value)}"
            case "contains":
                return f"({field} != null and contains({field}, {json.dumps(value)}))"
            case "has":
                return f"{json.dumps(value)} in {field}"
            case "known":
                return f"{field} != null"
            case "is":
                return f"{field} == true"
        return f"({field} != null and {field} {op} {value})"

    expressions = [
        {"id": key, "key": key, "value": f"{' and '.join(leaf(*each) for each in tests)} ? {points} : 0"}
        for key, points, tests in FIT
    ]
    expressions += [
        {"id": key, "key": key, "value": f"age_{key} <= {age} ? {points} * n_{key} : 0"}
        for key, points, age in BEHAVIOR
    ]
    graph = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
            {"id": "rules", "name": "rules", "type": "expressionNode", "position": {"x": 0, "y": 0},
             "content": {"expressions": expressions}},
            {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 0, "y": 0}},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }  # fmt: skip
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    return lambda facts: sum(decision.evaluate(facts)["result"].values())


def by_jsonlogic() -> Callable[[Facts], float]:
    """One sum of conditional points."""

    def leaf(field: str, op: str, value: Any) -> Facts:
        found = {"var": field}
        match op:
            case "in":
                return {"in": [found, value]}
            case "contains" | "has":
                return {"and": [{"!!": [found]}, {"in": [value, found]}]}
            case "known":
                return {"!!": [found]}
            case "is":
                return {"===": [found, True]}
        return {"and": [{"!==": [found, None]}, {op: [found, value]}]}

    parts: list[Any] = [{"if": [{"and": [leaf(*each) for each in tests]}, points, 0]} for _key, points, tests in FIT]
    parts += [
        {"if": [{"<=": [{"var": f"age_{key}"}, age]}, {"*": [points, {"var": f"n_{key}"}]}, 0]}
        for key, points, age in BEHAVIOR
    ]
    rule = {"+": parts}
    return lambda facts: float(jsonlogic_rs.apply(rule, facts))


def by_rule_engine() -> Callable[[Facts], float]:
    """A compiled rule for each criterion; the points are added in Python, as the library has no arithmetic over rules."""

    def leaf(field: str, op: str, value: Any) -> str:
        match op:
            case "in":
                return f"{field} in {json.dumps(value)}"
            case "contains":
                return f"({field} != null and {json.dumps(value)} in {field})"
            case "has":
                return f"{json.dumps(value)} in {field}"
            case "known":
                return f"{field} != null"
            case "is":
                return f"{field} == true"
        return f"({field} != null and {field} {op} {value})"

    context = rule_engine.Context(default_value=None)
    fit = [
        (rule_engine.Rule(" and ".join(leaf(*each) for each in tests), context=context), points)
        for _key, points, tests in FIT
    ]
    behavior = [
        (rule_engine.Rule(f"age_{key} <= {age}", context=context), points, f"n_{key}") for key, points, age in BEHAVIOR
    ]

    def total(facts: Facts) -> float:
        found = sum(points for rule, points in fit if rule.matches(facts))
        return found + sum(points * facts[name] for rule, points, name in behavior if rule.matches(facts))

    return total


if __name__ == "__main__":
    main()
