"""Shares kept by age and repeat factors, as tables in micro-units, each entry rounded once from the exact ratio."""

from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final

from scoring.engine.matrix import Decay, Expires, HalfLife, Linear, Steps
from scoring.engine.types import MICRO

#: A half-life share below this many micro-units counts as nothing.
LEAST_HALF_LIFE_SHARE: Final = 1_000

#: Shares from powers are first found to 60 digits; a distance from a half below this is then settled by whole numbers.
_PRECISE: Final = Context(prec=60)
_TOO_CLOSE: Final = Decimal("1e-40")
_HALF: Final = Decimal("0.5")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Entries in micro-units by index (an age in days, or how many came before), and the one for all further."""

    entries: tuple[int, ...]
    beyond: int

    def at(self, index: int) -> int:
        return self.entries[index] if index < len(self.entries) else self.beyond


@lru_cache(maxsize=512)
def share_table(decay: Decay) -> Table:
    """The share kept at each age in days (0 and up); it never grows with age."""
    match decay:
        case None:
            return Table(entries=(), beyond=MICRO)
        case Expires(after_days=days):
            return Table(entries=(MICRO,) * days, beyond=0)
        case HalfLife(days=days):
            return Table(entries=_half_life_shares(days), beyond=0)
        case Linear(days=days):
            return Table(entries=tuple(_half_up(MICRO * (days - age), days) for age in range(days)), beyond=0)
        case Steps(steps=steps):
            entries: list[int] = []
            share = MICRO
            for step in steps:
                entries += [share] * (step.from_day - len(entries))
                share = step.percent * (MICRO // 100)
            return Table(entries=tuple(entries), beyond=share)


@lru_cache(maxsize=128)
def repeat_table(repeat_percent: int) -> Table:
    """The factor of the match that comes after `index` others: (repeat_percent / 100) ** index, rounded half up."""
    if repeat_percent == 100:
        return Table(entries=(), beyond=MICRO)
    entries = []
    above, below = MICRO, 1
    while factor := _half_up(above, below):
        entries.append(factor)
        above, below = above * repeat_percent, below * 100
    return Table(entries=tuple(entries), beyond=0)


def _half_up(above: int, below: int) -> int:
    """above / below rounded half up, for above ≥ 0 and below > 0."""
    return (2 * above + below) // (2 * below)


def _half_life_shares(half_life: int) -> tuple[int, ...]:
    """MICRO × 0.5 ** (age / half_life) for each age, rounded half up, until it falls below the least share."""
    daily = _PRECISE.power(_HALF, _PRECISE.divide(Decimal(1), Decimal(half_life)))
    shares = []
    exact = Decimal(MICRO)
    age = 0
    while (share := _rounded_share(exact, age, half_life)) >= LEAST_HALF_LIFE_SHARE:
        shares.append(share)
        exact = _PRECISE.multiply(exact, daily)
        age += 1
    return tuple(shares)


def _rounded_share(nearly: Decimal, age: int, half_life: int) -> int:
    whole = int(nearly)
    if abs(_PRECISE.subtract(nearly, whole + _HALF)) > _TOO_CLOSE:
        return whole + (nearly - whole > _HALF)
    # x ≥ whole + 1/2, for x = MICRO × 0.5 ** (age / half_life), told in whole numbers by raising to the half-life.
    reaches_half: bool = (2 * whole + 1) ** half_life << age <= (2 * MICRO) ** half_life
    return whole + reaches_half
