"""Which leads stand behind a figure of the impact: as an address says it, as the preview chooses them, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from django.utils.translation import gettext as _

from kernel.errors import BadRequestError
from scoring.engine.matrix import Matrix
from scoring.engine.parse import MOST_LIMIT
from scoring.preview.comparing import RATINGS, PlaceKey
from scoring.preview.crowds import Choice, Line, Where
from scoring.wording import stage_label

Side = Literal["entering", "leaving", "before", "after"]
SIDES: Final = ("entering", "leaving", "before", "after")
_PLAIN: Final = ("qualified", "scored", "disqualified", "fast_tracked")
_NAMED: Final = ("stage", "criterion")
_CELLS: Final = ("stage", "rating")
_HIGHEST: Final = 10**15


@dataclass(frozen=True, kw_only=True)
class Behind:
    """One figure. With a `side` it counts who stands there, enters or leaves; without, who goes from a cell to a cell.

    `at` holds the draft against itself with this threshold of the hand-off stage, in place of the published version.
    """

    line: Line
    key: str = ""
    side: Side | None = None
    cell: tuple[PlaceKey, PlaceKey] = (None, None)
    totals: tuple[int, int] = (0, 0)
    at: int | None = None

    def params(self) -> dict[str, str]:
        """What an address says of it."""
        found: dict[str, str] = {"line": self.line}
        if self.side is None:
            return found | {"from": _place_text(self.cell[0]), "to": _place_text(self.cell[1])}
        found["side"] = self.side
        if self.key:
            found["key"] = self.key
        if self.line == "total":
            found["totals"] = f"{self.totals[0]}..{self.totals[1]}"
        if self.at is not None:
            found["at"] = str(self.at)
        return found

    @property
    def choice(self) -> Choice:
        if self.side is None:
            return Choice(before=Where(line=self.line, key=self.cell[0]), after=Where(line=self.line, key=self.cell[1]))
        inside = Where(line=self.line, key=self.key or None, totals=self.totals)
        outside = Where(line=self.line, key=self.key or None, totals=self.totals, is_in=False)
        return {
            "before": Choice(before=inside),
            "after": Choice(after=inside),
            "entering": Choice(before=outside, after=inside),
            "leaving": Choice(before=inside, after=outside),
        }[self.side]

    def sentence(self, matrix: Matrix) -> str:
        """Of a title: who these leads are."""
        if self.side is None:
            names = {"from": _place_label(self.line, self.cell[0], matrix)}
            return _("From %(from)s to %(to)s") % {**names, "to": _place_label(self.line, self.cell[1], matrix)}
        where = _line_label(self, matrix)
        if self.at is not None:
            moved = {
                "entering": _("Newly %(where)s with a threshold of %(at)s"),
                "leaving": _("No longer %(where)s with a threshold of %(at)s"),
                "before": _("%(where)s under this draft"),
                "after": _("%(where)s with a threshold of %(at)s"),
            }
            return moved[self.side] % {"where": where, "at": self.at}
        return {
            "entering": _("Newly %(where)s under this draft"),
            "leaving": _("No longer %(where)s under this draft"),
            "before": _("%(where)s now"),
            "after": _("%(where)s under this draft"),
        }[self.side] % {"where": where}


def behind_from(params: Mapping[str, str]) -> Behind:
    """Raises BadRequestError where the address names no figure."""
    line, key, side = params.get("line", "stage"), params.get("key", params.get("stage", "")), params.get("side")
    if "from" in params and "to" in params and line in _CELLS:
        cell = _place_read(line, params["from"]), _place_read(line, params["to"])
        return Behind(line=cast(Line, line), cell=cell)
    is_known = line in {*_PLAIN, "total"} or (line in _NAMED and key)
    if side not in SIDES or not is_known:
        raise _unread()
    return Behind(
        line=cast(Line, line),
        key=key if line in _NAMED else "",
        side=cast(Side, side),
        totals=_totals_read(params.get("totals", "")) if line == "total" else (0, 0),
        at=_at_read(params["at"]) if "at" in params and line == "qualified" else None,
    )


def _unread() -> BadRequestError:
    return BadRequestError(
        _("This address names no figure: go back to the impact and follow its numbers."), code="no_such_figure"
    )


def _place_text(key: PlaceKey) -> str:
    """`u` is no score, `n` no stage; whatever a stage is called stands behind `k:`."""
    return "u" if key is None else f"k:{key}" if key else "n"


def _place_read(line: str, text: str) -> PlaceKey:
    key = {"u": None, "n": ""}[text] if text in {"u", "n"} else text.removeprefix("k:")
    if text not in {"u", "n"} and not text.startswith("k:"):
        raise _unread()
    if line == "rating" and key not in RATINGS:
        raise _unread()
    return key


def _totals_read(text: str) -> tuple[int, int]:
    match text.split(".."):
        case [low, above] if _is_number(low) and _is_number(above):
            return int(low), int(above)
    raise _unread()


def _at_read(text: str) -> int:
    if not _is_number(text) or abs(int(text)) > MOST_LIMIT:
        raise _unread()
    return int(text)


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < len(str(_HIGHEST))


def _place_label(line: Line, key: PlaceKey, matrix: Matrix) -> str:
    if key is None:
        return _("no score")
    return key if line == "rating" else stage_label(key, matrix)


def _line_label(behind: Behind, matrix: Matrix) -> str:
    match behind.line:
        case "stage":
            return stage_label(behind.key, matrix)
        case "criterion":
            labels = {each.key: each.label for each in matrix.criteria}
            return _("found by %(criterion)s") % {"criterion": labels.get(behind.key, behind.key)}
        case "total":
            return _("with a total from %(low)s to %(high)s") % {"low": behind.totals[0], "high": behind.totals[1] - 1}
        case "scored":
            return _("with a score")
        case "disqualified":
            return _("disqualified")
        case "fast_tracked":
            return _("fast-tracked")
        case _:
            return _("handed to sales")
