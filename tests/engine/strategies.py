"""Random matrices that are valid and facts to judge by them, for properties that must hold whatever they say.

Small alphabets on purpose: what matters is that conditions meet values, activities share days and ids come close.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

AS_OF = date(2026, 3, 3)
KINDS = ("page_view", "email_click", "download", "call")
PATHS = ("/", "/pricing", "/pricing/teams", "/docs")
SUBJECTS = ("guide", "Guide ", "webinar", "", None, 5, True, ["guide"])
TEXTS = ("VP, Sales", "vp", "mvp", "Zoë ", "ｚｏë", "02134", "2134", "true", "n/a", "2026-02-29", "2000-02-29")
SCALARS: tuple[object, ...] = (*TEXTS, 0, 7, 2134, 7.5, True, False)


def optional(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=members)


@st.composite
def leaves_on_a_lead(draw: st.DrawFn) -> Json:
    free = st.sampled_from(("lead.attributes.x", "lead.qualification.need", "company.attributes.x"))
    scalar = st.sampled_from(SCALARS)
    text = st.sampled_from(TEXTS)
    field, op, value = draw(
        st.one_of(
            st.tuples(free, st.just("is"), scalar),
            st.tuples(free, st.sampled_from(("in", "has_any", "has_all")), st.lists(scalar, min_size=1, max_size=4)),
            st.tuples(free, st.sampled_from(("contains", "starts_with", "ends_with", "has_word")), text),
            st.tuples(free, st.sampled_from(("gt", "gte", "lt", "lte")), st.sampled_from((0, 7, 7.5, "2026-01-01"))),
            st.tuples(free, st.just("between"), st.just([0, 7])),
            st.tuples(free, st.just("years_between"), st.just([1, 30])),
            st.tuples(st.just("lead.seniority"), st.just("in"), st.just(["vp", "c_level"])),
            st.tuples(st.just("company.employees"), st.just("gte"), st.integers(0, 500)),
            st.tuples(st.sampled_from(("lead.title", "company.technologies")), st.just("is_known"), st.none()),
        )
    )
    return {"field": field, "op": op} if value is None else {"field": field, "op": op, "value": value}


@st.composite
def leaves_on_an_activity(draw: st.DrawFn) -> Json:
    field, op, value = draw(
        st.one_of(
            st.tuples(
                st.just("activity.url"), st.sampled_from(("path_is", "path_starts_with")), st.sampled_from(PATHS)
            ),
            st.tuples(st.just("activity.subject"), st.just("is"), st.just("guide")),
            st.tuples(st.just("activity.value"), st.just("gte"), st.integers(0, 5)),
            st.tuples(st.just("activity.properties.x"), st.just("is"), st.sampled_from(SCALARS)),
        )
    )
    return {"field": field, "op": op, "value": value}


def conditions(leaf: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Shallow ones: at most three of all, any and not above a leaf."""
    flat = st.one_of(leaf, st.just({}))
    deeper = flat
    for _ in range(3):
        deeper = st.one_of(
            flat,
            st.builds(lambda part: {"not": part}, deeper),
            st.builds(
                lambda name, parts: {name: parts},
                st.sampled_from(("all", "any")),
                st.lists(deeper, min_size=1, max_size=3),
            ),
        )
    return deeper


lead_conditions = conditions(leaves_on_a_lead())
patterns = optional(kinds=st.lists(st.sampled_from(KINDS), max_size=3), where=conditions(leaves_on_an_activity()))
decays = st.one_of(
    st.builds(lambda days: {"expires_after_days": days}, st.integers(1, 60)),
    st.builds(lambda days: {"half_life_days": days}, st.integers(1, 60)),
    st.builds(lambda days: {"linear_days": days}, st.integers(1, 60)),
    st.just({"steps": [[3, 75], [10, 50], [30, 0]]}),
)
counts = optional(max=st.integers(1, 5), max_per_day=st.integers(1, 3), repeat_percent=st.integers(0, 100))
measures = st.one_of(
    st.just({}),
    st.builds(
        lambda least, days: {"reached": {"at_least": least, "within_days": days}},
        st.integers(1, 4), st.integers(1, 30),
    ),
    st.builds(
        lambda days, percent, of: {"rising": {"days": days, "by_percent": percent, "at_least": 1} | of},
        st.integers(1, 15), st.integers(1, 200), st.sampled_from(({}, {"of": "value"})),
    ),
    st.builds(
        lambda days, per: {"silent_days": days} | per,
        st.integers(1, 20), st.one_of(st.just({}), st.builds(lambda days: {"per_days": days}, st.integers(1, 10))),
    ),
)  # fmt: skip


@st.composite
def whens(draw: st.DrawFn) -> Json:
    when = dict(draw(patterns))
    if draw(st.booleans()):
        when |= {"after": draw(patterns), "within_days": draw(st.integers(0, 20))}
    if draw(st.booleans()):
        when["unique_by"] = "subject"
    return when | draw(measures)


worths = st.one_of(
    st.builds(lambda points: {"points": points}, st.integers(-60, 60)),
    st.builds(lambda stars, negative: {"stars": stars, "negative": negative}, st.integers(1, 5), st.booleans()),
    st.builds(lambda tier: {"tier": tier}, st.sampled_from(("high", "low"))),
)
marks = st.sampled_from(({}, {}, {}, {"disqualify": True}, {"fast_track": True}, {"enabled": False}))
limits = optional(floor=st.integers(-80, 0), ceiling=st.integers(0, 80))


@st.composite
def criteria(draw: st.DrawFn, key: str) -> Json:
    dimension = draw(st.sampled_from(("fit", "behavior", "qualification")))
    criterion: Json = {"key": key, "label": key.upper(), "dimension": dimension, **draw(worths), **draw(marks)}
    criterion |= draw(optional(max_points=st.integers(1, 100), note=st.just("why")))
    if draw(st.booleans()):
        criterion["group"] = f"{dimension}-{draw(st.integers(1, 2))}"
    if dimension == "behavior":
        criterion |= {"when": draw(whens())} | draw(optional(count=counts, decay=decays))
    if dimension != "behavior" or draw(st.booleans()):
        criterion["if"] = draw(lead_conditions)
    return criterion


@st.composite
def matrices(draw: st.DrawFn) -> Json:
    """A valid document."""
    at = sorted(draw(st.lists(st.integers(-50, 150), min_size=3, max_size=3, unique=True)))
    gates = optional(min_grade=st.sampled_from("ABCDF"), max_level=st.integers(1, 4))
    keys = [f"c{index}" for index in range(draw(st.integers(0, 8)))]
    document: Json = {
        "schema": 1,
        "name": "Random",
        "points_per_star": 5,
        "tiers": {"high": 20, "low": 4},
        "grades": {"A": 40, "B": 25, "D": 1},
        "levels": {"1": 60, "3": 15},
        "stages": [
            {"key": "cold", **draw(gates)},
            *(
                {"key": key, "at": points, **draw(gates)}
                for key, points in zip(("warm", "mql", "sql"), at, strict=True)
            ),
        ],
        "criteria": [draw(criteria(key)) for key in keys],
    }
    weighted = st.builds(lambda one, weight: one | weight, limits, optional(weight=st.integers(0, 300)))
    return document | draw(
        optional(
            hand_off_at=st.sampled_from(("mql", "sql")),
            timezone=st.sampled_from(("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns")),
            description=st.just("for a property"),
            audience=st.sampled_from(("b2b", "b2c")),
            applies_to=lead_conditions,
            dimensions=optional(fit=weighted, behavior=weighted, qualification=weighted),
            groups=optional(
                **{"fit-1": limits, "behavior-1": st.builds(lambda one: one | {"take": "highest"}, limits)}
            ),
        )
    )


values = st.one_of(st.none(), st.sampled_from(SCALARS), st.lists(st.sampled_from((*SCALARS, None)), max_size=3))


@st.composite
def activities(draw: st.DrawFn, number: int) -> Json:
    # Few distinct minutes, so that equal times and days around midnight come up; some after the as-of day.
    noon = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)
    age = timedelta(hours=draw(st.integers(-48, 45 * 24)), minutes=draw(st.sampled_from((0, 30))))
    return {
        "id": f"web:{number}",
        "kind": draw(st.sampled_from(KINDS)),
        "occurred_at": (noon - age).isoformat(),
    } | draw(
        optional(
            url=st.sampled_from(("https://x.example/pricing/?a", "/pricing/teams", "//x", "mailto:a@x.example", " ")),
            subject=st.sampled_from(SUBJECTS),
            value=st.sampled_from((0, 1, 2.5, "3", -1, "n/a", True, None)),
            properties=optional(x=values),
            is_bot=st.booleans(),
            withdrawn=st.booleans(),
        )
    )


@st.composite
def facts(draw: st.DrawFn) -> Json:
    lead = optional(
        title=values,
        seniority=st.sampled_from(("vp", "VP ", "student")),
        attributes=optional(x=values),
        qualification=optional(need=values),
    )
    company = optional(
        employees=st.sampled_from((10, "250", "n/a")), technologies=values, attributes=optional(x=values)
    )
    return {
        "lead": draw(lead),
        "company": draw(st.one_of(st.none(), company)),
        "activities": [draw(activities(number)) for number in range(draw(st.integers(0, 8)))],
    }
