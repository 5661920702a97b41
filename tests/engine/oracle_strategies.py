"""Random valid matrices, facts and days.

Days, thresholds and subjects come from small pools: activities must meet windows, and equal times,
equal subjects and equal thresholds must happen often.
"""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.engine.oracle_conditions import as_list
from tests.engine.oracle_values import (
    BOOLEAN_FIELDS,
    CLOSED,
    LIST_FIELDS,
    NUMBER_FIELDS,
    PATHS,
    TECHNOLOGIES,
    TEXT_FIELDS,
    activity_leaves,
    free_leaves,
    lead_conditions,
    nested,
    numbers,
    one_of_texts,
    values,
)

Json = dict[str, Any]
Situation = tuple[Json, Json, date]

DAYS = [
    *("2026-11-22", "2026-03-08", "2026-03-09", "2026-03-29", "2026-10-25", "2026-10-26"),
    *("2027-02-28", "2028-02-29", "2028-03-01"),
]
ZONES = [
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe"),
]
PLAIN: Json = {
    "schema": 1,
    "name": "Random",
    "grades": {"A": 3, "C": 1},
    "levels": {"1": 60},
    "stages": [
        {"key": "cold", "label": "Cold"},
        {"key": "mql", "label": "MQL", "at": 2},
        {"key": "sql", "label": "SQL", "at": 150},
    ],
}
KINDS = ["page_view", "download", "session"]

kinds = st.sampled_from([{}, {"kinds": []}, {"kinds": ["page_view"]}, {"kinds": ["page_view", "download"]}])
wheres = st.builds(lambda where: {"where": where}, nested(activity_leaves, 2))
patterns = st.builds(lambda kind, where: kind | where, kinds, st.just({}) | st.just({}) | wheres)
few_days = st.integers(1, 15)
tests_of_time = st.one_of(
    st.just({}),
    st.just({}),
    st.builds(lambda least, days: {"reached": {"at_least": least, "within_days": days}}, st.integers(1, 3), few_days),
    st.builds(
        lambda days, percent, least, of: {"rising": {"days": days, "by_percent": percent, "at_least": least} | of},
        few_days,
        st.sampled_from([1, 50, 100, 200]),
        st.integers(1, 3),
        st.sampled_from([{}, {"of": "value"}]),
    ),
    st.builds(lambda days: {"silent_days": days}, few_days),
    st.builds(lambda days, per: {"silent_days": days, "per_days": per}, few_days, few_days),
)


@st.composite
def whens(draw: st.DrawFn) -> Json:
    when = draw(patterns) | draw(tests_of_time)
    if draw(st.integers(0, 3)) == 0:
        when |= {"after": draw(patterns), "within_days": draw(st.integers(0, 5))}
    if draw(st.integers(0, 2)) == 0:
        when["unique_by"] = "subject"
    return when


counts = st.fixed_dictionaries(
    {},
    optional={
        "max": st.integers(1, 4),
        "max_per_day": st.integers(1, 3),
        "repeat_percent": st.sampled_from([0, 33, 50, 99, 100]),
    },
)
steps = st.builds(
    lambda days, percents: {"steps": [list(step) for step in zip(sorted(days), sorted(percents, reverse=True), strict=True)]},
    st.lists(st.integers(1, 40), min_size=3, max_size=3, unique=True),
    st.lists(st.integers(0, 100), min_size=3, max_size=3),
)  # fmt: skip
decays = st.one_of(
    st.builds(lambda days: {"expires_after_days": days}, few_days),
    st.builds(lambda days: {"half_life_days": days}, st.integers(1, 40)),
    st.builds(lambda days: {"linear_days": days}, st.integers(1, 64)),
    steps,
)


worths = st.one_of(
    st.builds(lambda points: {"points": points}, st.integers(-40, 40)),
    st.builds(lambda stars, sign: {"stars": stars, "negative": sign}, st.integers(1, 5), st.booleans()),
    st.builds(lambda tier: {"tier": tier}, st.sampled_from(["high", "low"])),
)


@st.composite
def measures(draw: st.DrawFn) -> Json:
    """The `when`, `count` and `decay` of a criterion."""
    return {"when": draw(whens())} | draw(st.fixed_dictionaries({}, optional={"count": counts, "decay": decays}))


simple_conditions = st.sampled_from([{}, {}, {}, {"not": {}}, {"field": "lead.city", "op": "is_known"}])
marks = st.sampled_from(
    [{}] * 8
    + [{"disqualify": True}, {"fast_track": True}, {"fast_track": False, "disqualify": False}]
    + [{"enabled": False, "fast_track": True}, {"enabled": True, "disqualify": True}]
)


@st.composite
def criteria(draw: st.DrawFn, number: int) -> Json:
    dimension = draw(st.sampled_from(["fit", "behavior", "behavior", "qualification"]))
    criterion: Json = {"key": f"c{number}", "label": f"Criterion {number}", "dimension": dimension}
    criterion |= draw(worths) | draw(marks)
    group = draw(st.sampled_from([None, "one", "two"]))
    if group:
        criterion["group"] = f"{dimension}-{group}"
    if dimension == "behavior":
        criterion |= draw(measures())
    if dimension != "behavior" or draw(st.integers(0, 3)) == 0:
        criterion["if"] = draw(simple_conditions)
    if draw(st.integers(0, 4)) == 0:
        criterion["max_points"] = draw(st.integers(1, 50))
    return criterion


limits = st.fixed_dictionaries({}, optional={"floor": st.integers(-30, 0), "ceiling": st.integers(0, 30)})
groups = st.builds(
    lambda limit, take: {"label": "Group"} | limit | take,
    limits,
    st.sampled_from([{}, {"take": "highest"}]),
)
dimensions = st.builds(
    lambda limit, weight: limit | weight,
    limits,
    st.fixed_dictionaries({}, optional={"weight": st.sampled_from([0, 33, 50, 100, 150])}),
)
gates = st.fixed_dictionaries({}, optional={"min_grade": st.sampled_from("ABCD"), "max_level": st.integers(1, 3)})


def falling(names: list[str]) -> st.SearchStrategy[dict[str, int]]:
    """Some of the names in their order, their points strictly falling."""
    return st.lists(st.sampled_from(names), min_size=1, unique=True).flatmap(
        lambda some: st.lists(st.integers(-20, 60), min_size=len(some), max_size=len(some), unique=True).map(
            lambda points: dict(zip(sorted(some), sorted(points, reverse=True), strict=True))
        )
    )


@st.composite
def stages(draw: st.DrawFn) -> list[Json]:
    keys = draw(
        st.sampled_from([["mql", "sql"], ["cold", "mql", "sql"], ["cold", "warm", "mql", "ready", "sql", "top"]])
    )
    points = sorted(draw(st.lists(st.integers(-20, 60), min_size=len(keys), max_size=len(keys), unique=True)))
    rows = [{"key": key, "label": key.title(), "at": at} | draw(gates) for key, at in zip(keys, points, strict=True)]
    if draw(st.booleans()):
        del rows[0]["at"]
    return rows


@st.composite
def matrices(draw: st.DrawFn) -> Json:
    number = draw(st.integers(1, 5))
    document: Json = {
        "schema": 1,
        "name": draw(st.sampled_from(["Random", "Größe İ 😀"])),
        "points_per_star": draw(st.integers(1, 8)),
        "tiers": {"high": 20, "low": -3},
        "grades": draw(falling(["A", "B", "C", "D"])),
        "levels": draw(falling(["1", "2", "3"])),
        "stages": draw(stages()),
        "criteria": [draw(criteria(index)) for index in range(number)],
    }
    names = ["fit-one", "behavior-one", "behavior-two", "qualification-two"]
    document |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "timezone": st.sampled_from(ZONES),
                "hand_off_at": st.sampled_from(["mql", "sql"]),
                "groups": st.dictionaries(st.sampled_from(names), groups, max_size=4),
                "dimensions": st.dictionaries(st.sampled_from(["fit", "behavior", "qualification"]), dimensions),
            },
        )
    )
    if draw(st.integers(0, 5)) == 0:
        document["applies_to"] = draw(lead_conditions)
    return document


@st.composite
def times(draw: st.DrawFn, as_of: date) -> str:
    """Around midnights and windows of the as-of day, in any offset, some of them equal."""
    day = as_of - timedelta(days=draw(st.sampled_from([-1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 14, 21, 30, 400])))
    clock = draw(st.sampled_from(["00:00:00", "12:00:00", "12:00:00", "23:59:59", "04:30:00", "15:30:00"]))
    fraction = draw(st.sampled_from(["", "", ".5", ".123456", ".1234561", ".1234569"]))
    offset = draw(st.sampled_from(["Z", "Z", "+00:00", "+02:00", "-05:00", "+05:45", "+14:00", "-11:00"]))
    return f"{day.isoformat()}T{clock}{fraction}{offset}"


@st.composite
def activities(draw: st.DrawFn, as_of: date, least: int = 0) -> list[Json]:
    ids = ["w:1", "w:2", "w:9", "w:10", "w:Z", "w:a", "w:～", "w:😀", "x:1", "x:2", "x:3", "x:4"]
    chosen = draw(st.permutations(ids))[: draw(st.integers(least, len(ids)))]
    return [draw(activity(one, as_of)) for one in chosen]


@st.composite
def activity(draw: st.DrawFn, identity: str, as_of: date) -> Json:
    """What an activity usually holds, and sometimes anything."""
    made: Json = {"id": identity, "kind": draw(st.sampled_from(KINDS)), "occurred_at": draw(times(as_of))}
    made["subject"] = draw(st.sampled_from(["a", "A", " a", "b", "5", "５", "true", "", None, 5, 5.0, True, ["a"]]))
    made["value"] = draw(st.sampled_from([10, 20, 30, 15, "15", " ２０ ", "n/a", -5, 0, 0.1, 0.3, None, True]))
    if draw(st.booleans()):
        made |= {"url": draw(st.sampled_from(PATHS)), "source": draw(one_of_texts)}
    if draw(st.integers(0, 3)) == 0:
        made |= {"properties": {"p": draw(values)}, draw(st.sampled_from(["subject", "value"])): draw(values)}
    if draw(st.integers(0, 7)) == 0:
        made |= {draw(st.sampled_from(["is_bot", "withdrawn"])): draw(st.booleans())}
    return made


def owner(fields: list[str], free: dict[str, list[str]]) -> st.SearchStrategy[Json]:
    """Facts of a lead or company: what each field usually holds, and sometimes anything."""
    usual: dict[str, st.SearchStrategy[Any]] = {}
    for field in fields:
        name = field.split(".")[1]
        if field in CLOSED:
            usual[name] = st.sampled_from(CLOSED[field]) | values
        elif field in NUMBER_FIELDS:
            usual[name] = numbers | values
        elif field in BOOLEAN_FIELDS:
            usual[name] = st.booleans() | values
        elif field in LIST_FIELDS:
            usual[name] = st.lists(st.sampled_from(TECHNOLOGIES), max_size=3) | values
        else:
            usual[name] = values
    boxes = {box: st.fixed_dictionaries(dict.fromkeys(names, values)) for box, names in free.items()}
    return st.fixed_dictionaries(boxes | usual)


ALL_FIELDS = [*TEXT_FIELDS, *CLOSED, *NUMBER_FIELDS, *BOOLEAN_FIELDS, *LIST_FIELDS]
leads = owner(
    [field for field in ALL_FIELDS if field.startswith("lead.")],
    {"qualification": ["budget", "champion"], "attributes": ["a", "a.b"]},
)
companies = owner([field for field in ALL_FIELDS if field.startswith("company.")], {"attributes": ["c"]})


@st.composite
def days(draw: st.DrawFn) -> date:
    return date.fromisoformat(draw(st.sampled_from(DAYS)))


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Whole matrices, with simple conditions: limits, ratings, stages, and all the rest together."""
    as_of = draw(days())
    lead = draw(st.sampled_from([{}, {"city": "Oslo"}, {"city": " "}]))
    return draw(matrices()), {"lead": lead, "company": None, "activities": draw(activities(as_of))}, as_of


@st.composite
def conditions_on_a_lead(draw: st.DrawFn) -> Situation:
    """One lead and a few conditions of any depth, over every field and operator."""
    document = PLAIN | {"criteria": [judged(draw(lead_conditions), number) for number in range(3)]}
    return document, {"lead": draw(leads), "company": draw(st.none() | companies)}, draw(days())


@st.composite
def leaves_on_a_value(draw: st.DrawFn) -> Situation:
    """One value that may be anything, and a few leaves with any operator."""
    leaves = draw(st.lists(st.one_of(*free_leaves("lead.attributes.a")), min_size=6, max_size=6))
    document = PLAIN | {"criteria": [judged(leaf, number) for number, leaf in enumerate(leaves)]}
    operands = [one for leaf in leaves for one in as_list(leaf.get("value"))]
    value = draw(values | st.sampled_from(operands) | st.lists(st.sampled_from(operands), max_size=3))
    return document, {"lead": {"attributes": {"a": value}}}, draw(days())


@st.composite
def measures_of_activities(draw: st.DrawFn) -> Situation:
    """One criterion on what a lead did, in any zone."""
    as_of = draw(days())
    criterion = {"key": "c", "label": "C", "dimension": "behavior", "points": 100} | draw(measures())
    document = PLAIN | {"timezone": draw(st.sampled_from(ZONES)), "criteria": [criterion]}
    return document, {"lead": {}, "activities": draw(activities(as_of, least=6))}, as_of


@st.composite
def activities_under_a_where(draw: st.DrawFn) -> Situation:
    """One activity with anything in it, and a few conditions on it."""
    as_of = draw(days())
    wheres = draw(st.lists(nested(activity_leaves, 2), min_size=3, max_size=3))
    document = PLAIN | {
        "criteria": [
            {"key": f"c{number}", "label": "C", "dimension": "behavior", "points": 1, "when": {"where": where}}
            for number, where in enumerate(wheres)
        ]
    }
    what = draw(activity("w:1", as_of)) | {"url": draw(st.sampled_from(PATHS)), "properties": {"p": draw(values)}}
    return document, {"lead": {}, "activities": [what]}, as_of


def judged(condition: Json, number: int) -> Json:
    return {"key": f"c{number}", "label": "C", "dimension": "fit", "points": 1, "if": condition}
