"""What is wrong with a document or with facts: every problem at once, each with its place.

A problem carries a code and parameters for machines and for translation, and an English sentence that says what to
do. No sentence repeats the value that was sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

#: The sentence for each code; names in braces are the problem's `params`.
SENTENCES: Final[Mapping[str, str]] = {
    # any JSON
    "broken_json": "This is not JSON: look at line {line}, column {column}.",
    "duplicate_key": "This key stands twice in the same object: keep one of them.",
    "not_finite": "NaN and Infinity are not numbers in JSON: write a number or leave it out.",
    "nul": "A text must not hold the character NUL: take it out.",
    "lone_surrogate": "A text must not hold half of a surrogate pair: write the whole character.",
    "too_deep": "This is nested deeper than {most} levels: flatten it.",
    "too_long_a_number": "Write this number with at most {most} digits before and after the point.",
    "not_json": "Only objects, lists, texts, numbers, true, false and null can stand here.",
    # any place
    "required": "This is missing: add it.",
    "unknown_key": "This key is not known here: correct its spelling or take it out.",
    "null": "Null says nothing here: write a value or leave the key out.",
    "not_an_object": "Write an object here, names with their values.",
    "not_a_list": "Write a list here.",
    "not_a_text": "Write a text here.",
    "not_an_integer": "Write a whole number here, without quotes, point or exponent.",
    "not_a_number": "Write a number here, without quotes.",
    "not_a_boolean": "Write true or false here, without quotes.",
    "not_a_scalar": "Write a text, a number, true or false here.",
    "blank": "This text is blank: write something or leave the key out.",
    "out_of_range": "Write a whole number from {least} to {most}.",
    "not_one_of": "Write one of: {choices}.",
    "too_many": "This list may hold at most {most} entries: shorten it.",
    "empty_list": "This list needs at least one entry.",
    "pair": "Write a list of exactly two here.",
    "not_a_day": "Write a day as YYYY-MM-DD that exists in the calendar.",
    # the matrix
    "unsupported_schema": "Only schema 1 is known: write 1.",
    "unknown_zone": "No such time zone: write a name of the IANA database such as Europe/Berlin.",
    "key_form": "A key has 1 to 60 characters of a-z, 0-9 and the hyphen.",
    "key_taken": "This key is already taken earlier in the list: choose another.",
    "one_worth": "Write exactly one of points, stars and tier.",
    "negative_beside_points": "negative goes with stars or tier: give the points their own sign.",
    "points_per_star_missing": "Stars need points_per_star at the top of the document: add it.",
    "unknown_tier": "This tier has no entry in tiers at the top of the document: add it there.",
    "only_in_behavior": "Only criteria of the dimension behavior look at activities: take this out.",
    "group_in_two_dimensions": "This group already belongs to another dimension: choose another name.",
    "disqualifies_and_fast_tracks": "A criterion cannot both disqualify and fast-track: keep one of them.",
    "not_falling": "Points must fall strictly from the best to the last: lower this one.",
    "not_rising": "Stages must rise strictly by at: raise this one.",
    "at_missing": "Only the first stage may leave at out: add it.",
    "stage_missing": "The stages mql and sql always exist: add {stage}.",
    "mql_after_sql": "The stage mql stands before the stage sql: swap them.",
    "unknown_stage": "There is no stage with this key: write one of the document's stages.",
    "steps_not_rising": "Steps rise by day, each later than the one before: correct this day.",
    "steps_gain": "A step never keeps more than the one before: lower this percentage.",
    "one_curve": "Write one curve only: expires_after_days, half_life_days, linear_days or steps.",
    "one_measure": "Write at most one of reached, rising and silent_days.",
    "needs_after": "within_days only works beside after: add after or take it out.",
    "needs_silent_days": "per_days only works beside silent_days: add silent_days or take it out.",
    # conditions
    "condition_form": "Write one of all, any and not alone, or field, op and value together.",
    "condition_too_deep": "At most {most} of all, any and not may stand above a leaf: flatten it.",
    "unknown_field": "There is no such field here: fields begin with {prefixes} and are listed in the documentation.",
    "unknown_op": "There is no such op: write one of {choices}.",
    "op_not_for_field": "This op does not work on this field: write one of {choices}.",
    "value_beside_is_known": "is_known takes no value: take it out.",
    "not_a_number_or_day": "Write a number, or a day as YYYY-MM-DD that exists in the calendar.",
    "mixed_range": "Write two numbers or two days, not one of each.",
    "falling_range": "The first of the two must not be above the second: swap them.",
    "outside_the_list": "This field never has such a value: write one of {choices}.",
    "no_word": "has_word needs at least one letter or digit: write a word.",
    "path_form": "A path begins with a slash: write it as in /pricing.",
    # facts
    "id_twice": "This id already stands earlier in the list: an activity stands once.",
    "not_a_time": "Write a time as in 2026-03-03T09:30:00+01:00.",
    "no_offset": "Say which offset this time has, as in 2026-03-03T09:30:00+01:00 or …Z.",
    "implausible_time": "This time lies outside the calendar: correct it.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing to mend. `path` is an RFC 6901 pointer such as `/criteria/3/if/any/0/op`; empty is the whole."""

    path: str
    code: str
    detail: str
    params: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, str]:
        return {"path": self.path, "code": self.code, "detail": self.detail}

    def under(self, prefix: str) -> "Problem":
        """The same problem seen from a document that holds this one at `prefix`."""
        return Problem(path=prefix + self.path, code=self.code, detail=self.detail, params=self.params)


def problem(path: str, code: str, **params: object) -> Problem:
    """The problem with the sentence of its code."""
    return Problem(path=path, code=code, detail=SENTENCES[code].format(**params), params=params)


def pointer(path: str, step: str | int) -> str:
    """`path` one step deeper, escaped as RFC 6901 asks."""
    return f"{path}/{str(step).replace('~', '~0').replace('/', '~1')}"


class EngineError(ValueError):
    """Refused input, with every problem that was found in it (at least one)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{each.path or '(the whole)'}: {each.detail}" for each in self.problems))


class InvalidJson(EngineError):
    """A text that is no strict JSON."""


class InvalidMatrix(EngineError):
    """A document that is no scoring matrix."""


class InvalidFacts(EngineError):
    """Facts that cannot be judged."""
