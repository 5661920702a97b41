"""Reading a document place by place, gathering every problem instead of stopping at the first."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from scoring.engine.errors import Problem, pointer, problem
from scoring.engine.text import day_in, is_blank
from scoring.engine.types import Scalar


class Place:
    """A value with its path. Each reading method answers the value, or None after reporting why it cannot."""

    __slots__ = ("path", "problems", "value")

    def __init__(self, value: object, path: str, problems: list[Problem]) -> None:
        self.value = value
        self.path = path
        self.problems = problems

    def report(self, code: str, **params: object) -> None:
        self.problems.append(problem(self.path, code, **params))

    def at(self, step: str | int, value: object = None) -> "Place":
        return Place(value, pointer(self.path, step), self.problems)

    def object(self) -> dict[str, "Place"] | None:
        """The members of an object, whatever they are called."""
        if not isinstance(self.value, dict):
            self._expected("not_an_object")
            return None
        return {name: self.at(name, each) for name, each in self.value.items()}

    def members(self, known: Collection[str], required: Iterable[str] = ()) -> dict[str, "Place"]:
        """The known members of an object; none after a report where it is no object."""
        found = self.object()
        if found is None:
            return {}
        for name, place in found.items():
            if name not in known:
                place.report("unknown_key")
        for name in required:
            if name not in found:
                self.at(name).report("required")
        return {name: place for name, place in found.items() if name in known}

    def entries(self, *, most: int | None = None, least: int = 0) -> list["Place"] | None:
        """The entries of a list."""
        if not isinstance(self.value, list):
            self._expected("not_a_list")
            return None
        if most is not None and len(self.value) > most:
            self.report("too_many", most=most)
        if len(self.value) < least:
            self.report("empty_list")
        return [self.at(index, each) for index, each in enumerate(self.value)]

    def text(self, *, may_be_blank: bool = False) -> str | None:
        if not isinstance(self.value, str):
            self._expected("not_a_text")
            return None
        if not may_be_blank and is_blank(self.value):
            self.report("blank")
            return None
        return self.value

    def integer(self, least: int, most: int) -> int | None:
        """A whole number written as one: `1.0` and true are none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self._expected("not_an_integer")
            return None
        if not least <= self.value <= most:
            self.report("out_of_range", least=least, most=most)
            return None
        return self.value

    def number(self) -> int | Decimal | None:
        scalar = self.scalar() if isinstance(self.value, int | float | Decimal) else None
        if isinstance(scalar, int | Decimal) and not isinstance(scalar, bool):
            return scalar
        self._expected("not_a_number")
        return None

    def boolean(self) -> bool | None:
        if not isinstance(self.value, bool):
            self._expected("not_a_boolean")
            return None
        return self.value

    def scalar(self) -> Scalar | None:
        """A text that is not blank, a number as int or Decimal, or a boolean."""
        if isinstance(self.value, str):
            return self.text()
        if isinstance(self.value, float):
            return Decimal(repr(self.value))
        if isinstance(self.value, bool | int | Decimal):
            return self.value
        self._expected("not_a_scalar")
        return None

    def choice(self, choices: Collection[str]) -> str | None:
        """One of these texts, exactly."""
        if not isinstance(self.value, str):
            self._expected("not_a_text")
            return None
        if self.value not in choices:
            self.report("not_one_of", choices=", ".join(choices))
            return None
        return self.value

    def day(self) -> date | None:
        found = day_in(self.value) if isinstance(self.value, str) else None
        if found is None:
            self._expected("not_a_day")
        return found

    def _expected(self, code: str) -> None:
        self.report("null" if self.value is None else code)


def without_echoes(first: Iterable[Problem], later: Iterable[Problem]) -> list[Problem]:
    """Both, without what was found later at a place whose value the first ones already refused."""
    settled = list(first)
    paths = {each.path for each in settled}
    return settled + [each for each in later if each.path not in paths]
