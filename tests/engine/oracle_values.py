"""Values that are easily read in two ways, and random conditions over them.

Pools are small on purpose: values must meet operands often.
"""

from typing import Any

from hypothesis import strategies as st

from tests.engine.oracle_conditions import exact, trimmed, words

Json = dict[str, Any]

# fmt: off
TEXTS = [
    "vp", "VP", "ＶＰ", "mvp", "VP, Sales", "vp_sales", "sales", "Straße", "STRASSE", "ﬁt", "fit", "İ", "i\u0307", "i", "ı",
    "ς", "Σ", "हिन्दी", "हिन", "ᾳ", "²", "½", "①", "e\u0301", "é", "n/a", "NO", "true", " TRUE ", "false", "yes", "None",
    "02134", "2134", "+5", "-5", "5", "5.0", "５", " 5 ", "5.", ".5", "1e3", "1,000", "0.1", "0.10", "-0", "- 5", "٣", "−5",
    "9007199254740993", "9007199254740992", "2026-11-21", "2026-11-22T23:59:00+02:00", "\u00a02026-11-22", "2026-02-30",
    "2026-W10-2", "20261121", "1996-11-22", "1996-11-23", "2000-02-29", "２０２６-11-22", "2026-11-223", "2027-05-01",
    "", " ", "\u00a0\u2003", "\x1f", "\x1fvp", "\u200b", "\u0085vp\u2028", "\ufeffvp", "😀", "～",
]
PATHS = [
    "/", "/pricing", "/pricing/", "/pricing//", "/PRICING/eu", "/pricing-old", "/ｐｒｉｃｉｎｇ", "/pricing／", "/pricing?a=/b",
    "https://a.example/pricing", "HTTPS://A.example", "//a.example/pricing/", "//", "///pricing", "a.example/pricing", "?q", "#x",
    "mailto:a@b.example", "2x://a/pricing", "git+ssh://a/pricing?x", "https：//a/pricing", " /pricing\u00a0", "/pricing ?x",
    "/pricing/ ?x", "http:/pricing", "/a//pricing", "https://a.example?x/pricing", "", " ", "pricing", "/Straße", "/STRASSE/x",
    "é://a/pricing", "/pricing#x", "/%70ricing", "http:////pricing", "x:y://a/pricing", "\x1f/pricing",
]
NUMBERS: list[int | float] = [
    0, 1, 2, 5, -5, 50, 2134, 10, 5.0, 2.5, -0.5, 0.1, 0.3, 9007199254740993, 1e16, 1e-7, -0.0, 20, 30,
]
TEXT_FIELDS = [
    "lead.email", "lead.email_domain", "lead.first_name", "lead.last_name", "lead.title", "lead.department", "lead.phone",
    "lead.state", "lead.city", "lead.source", "company.name", "company.domain", "company.industry",
]
FREE_FIELDS = [
    "lead.qualification.budget", "lead.qualification.champion", "lead.attributes.a", "lead.attributes.a.b",
    "company.attributes.c",
]
# fmt: on
DATES = ["2026-11-20", "2026-11-21", "2026-11-22", "2000-02-29", "1996-11-22"]
TECHNOLOGIES = ["SAP", "sap", "React", "5", "true"]
CLOSED = {
    "lead.email_kind": ["work", "free", "disposable", "academic", "role", "invalid"],
    "lead.phone_kind": ["mobile", "fixed", "other"],
    "lead.seniority": ["c_level", "vp", "director", "manager", "individual", "student"],
    "lead.country": ["NO", "DE", "US"],
    "company.country": ["NO", "DE", "US"],
}
NUMBER_FIELDS = ["lead.created_days", "company.employees", "company.revenue"]
BOOLEAN_FIELDS = ["lead.consent", "lead.is_suspect"]
LIST_FIELDS = ["company.technologies"]

letters = st.characters(codec="utf-8", exclude_characters="\0")  # the engine takes no NUL: it cannot be stored
one_of_texts = st.sampled_from(TEXTS) | st.text(letters, max_size=4)
numbers = st.sampled_from(NUMBERS) | st.integers(-100, 100)
scalars = one_of_texts | numbers | st.booleans()
objects = st.sampled_from([{}, {"a": "vp"}])
values = st.none() | scalars | st.lists(st.none() | scalars | objects, max_size=3) | objects
text_operands = one_of_texts.filter(lambda text: trimmed(text) != "")
word_operands = text_operands.filter(lambda text: words(text) != [])
scalar_operands = text_operands | numbers | st.booleans()
path_operands = st.sampled_from([path for path in PATHS if trimmed(path).startswith("/")])


def one_or_list(operands: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return operands | st.lists(operands, min_size=1, max_size=3)


def pairs(operands: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Two operands of `between`, low first."""
    two = st.lists(operands, min_size=2, max_size=2)
    return two.map(lambda pair: sorted(pair, key=lambda one: one if isinstance(one, str) else exact(one)))


def leaf(field: str, op: str, operands: st.SearchStrategy[Any] | None) -> st.SearchStrategy[Json]:
    if operands is None:
        return st.just({"field": field, "op": op})
    return st.builds(lambda value: {"field": field, "op": op, "value": value}, operands)


def equality(field: str, operands: st.SearchStrategy[Any]) -> list[st.SearchStrategy[Json]]:
    return [leaf(field, "is", operands), leaf(field, "in", st.lists(operands, min_size=1, max_size=3))]


def text_leaves(field: str, operands: st.SearchStrategy[Any] = scalar_operands) -> list[st.SearchStrategy[Json]]:
    ops = ["contains", "starts_with", "ends_with"]
    texts = [leaf(field, op, one_or_list(text_operands)) for op in ops]
    return [*equality(field, operands), *texts, leaf(field, "has_word", one_or_list(word_operands)), known(field)]


def order_leaves(field: str, operands: st.SearchStrategy[Any]) -> list[st.SearchStrategy[Json]]:
    ordered = [leaf(field, op, operands) for op in ("gt", "gte", "lt", "lte")]
    return [*ordered, leaf(field, "between", pairs(operands))]


def number_leaves(field: str) -> list[st.SearchStrategy[Json]]:
    dates = order_leaves(field, st.sampled_from(DATES))
    return [*equality(field, scalar_operands), *order_leaves(field, numbers), *dates, known(field)]


def list_leaves(field: str, operands: st.SearchStrategy[Any]) -> list[st.SearchStrategy[Json]]:
    many = st.lists(operands, min_size=1, max_size=3)
    return [leaf(field, "has_any", many), leaf(field, "has_all", many), known(field)]


def free_leaves(field: str) -> list[st.SearchStrategy[Json]]:
    """A field whose kind is as its value is takes every operator but the two of paths."""
    return [
        *text_leaves(field),
        *order_leaves(field, numbers),
        *order_leaves(field, st.sampled_from(DATES)),
        *list_leaves(field, scalar_operands),
        leaf(field, "years_between", pairs(st.integers(0, 60))),
    ]


def known(field: str) -> st.SearchStrategy[Json]:
    return leaf(field, "is_known", None)


def nested(leaves: st.SearchStrategy[Json], depth: int = 3) -> st.SearchStrategy[Json]:
    """At most `depth` of all, any and not above a leaf."""
    if depth == 0:
        return leaves
    below = nested(leaves, depth - 1)
    parts = st.lists(below, min_size=1, max_size=3)
    return (
        leaves
        | st.builds(lambda all_of: {"all": all_of}, parts)
        | st.builds(lambda any_of: {"any": any_of}, parts)
        | st.builds(lambda inner: {"not": inner}, below)
    )


lead_leaves = st.one_of(
    st.just({}),
    *[st.one_of(*free_leaves(field)) for field in FREE_FIELDS],
    st.sampled_from(TEXT_FIELDS).flatmap(lambda field: st.one_of(*text_leaves(field))),
    st.sampled_from(sorted(CLOSED)).flatmap(
        lambda field: st.one_of(*text_leaves(field, st.sampled_from(CLOSED[field])))
    ),
    st.sampled_from(NUMBER_FIELDS).flatmap(lambda field: st.one_of(*number_leaves(field))),
    st.sampled_from(BOOLEAN_FIELDS).flatmap(
        lambda field: st.one_of(*equality(field, st.booleans() | scalar_operands), known(field))
    ),
    st.one_of(*list_leaves("company.technologies", st.sampled_from(TECHNOLOGIES) | scalar_operands)),
)
lead_conditions = nested(lead_leaves)
activity_leaves = st.one_of(
    *[leaf("activity.url", op, one_or_list(path_operands)) for op in ("path_is", "path_starts_with")],
    st.one_of(*text_leaves("activity.url")),
    st.one_of(*text_leaves("activity.subject")),
    st.one_of(*text_leaves("activity.source")),
    st.one_of(*number_leaves("activity.value")),
    st.one_of(*free_leaves("activity.properties.p")),
)
