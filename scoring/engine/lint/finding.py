"""What lint says and what it may be told: findings, and observations of the leads and of the published version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from scoring.engine.matrix import Matrix

#: Errors block a publication, warnings ask for a reason, the others only tell.
Severity: TypeAlias = Literal["error", "warning", "info", "reminder"]

#: Every code with its severity; `docs/lint.md` has the why and the what-to-do of each.
SEVERITIES: Final[Mapping[str, Severity]] = {
    "L01": "warning",
    "L02": "error",
    "L03": "warning",
    "L04": "warning",
    "L05": "warning",
    "L06": "warning",
    "L07": "info",
    "L08": "info",
    "L09": "info",
    "L10": "warning",
    "L11": "info",
    "L12": "warning",
    "L13": "info",
    "L14": "warning",
    "L15": "warning",
    "L16": "warning",
    "L17": "warning",
    "L18": "reminder",
    "L19": "warning",
    "L20": "warning",
    "L21": "warning",
    "L22": "error",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One piece of advice. `criteria`: keys of those it speaks of, empty where it speaks of the matrix as a whole.

    `params` are JSON values, by the names `docs/lint.md` lists for the code.
    """

    code: str
    severity: Severity
    criteria: tuple[str, ...]
    params: Mapping[str, object]

    def to_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "severity": self.severity,
            "criteria": list(self.criteria),
            "params": dict(self.params),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """What only data can tell. What is left out is not looked at.

    `leads`: leads the model scores. `matched`: by criterion key, how many of them it matched on at least one of the
    last 90 days; a criterion that is not named was not measured. `published`: the live version's matrix,
    `published_age_days` the whole days since its publication, `days_since_review` since its last review, None where
    there was none. `filled_by_sales`: full names of fields that people fill in after contact, `lead.attributes.*` for
    all of a kind; they add to those lint knows.
    """

    leads: int = 0
    matched: Mapping[str, int] = field(default_factory=dict)
    published: Matrix | None = None
    published_age_days: int | None = None
    days_since_review: int | None = None
    filled_by_sales: frozenset[str] = frozenset()


def finding(code: str, *criteria: str, **params: object) -> Finding:
    """The finding with the severity of its code."""
    return Finding(code=code, severity=SEVERITIES[code], criteria=criteria, params=params)
