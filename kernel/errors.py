"""The four ways in which the product says no. The API, pages and commands map them in one place each.

Every error is a sentence for a person (what is wrong and what to do) with a code for a machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: where (an RFC 6901 pointer, "" for the whole), a code, a sentence."""

    pointer: str
    code: str
    detail: str


@dataclass(eq=False)
class LeadscoreError(Exception):
    """Base of all refusals. `status` is the HTTP status the outside sees."""

    detail: str
    code: str = "error"
    problems: Sequence[Problem] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    status = 500

    def __str__(self) -> str:
        return self.detail


class BadRequestError(LeadscoreError):
    """What was sent cannot be read or is out of range."""

    status = 400


class NotAllowedError(LeadscoreError):
    """Who asks may not do this."""

    status = 403


class ConflictError(LeadscoreError):
    """The state of things no longer allows it; `extra` names the state found."""

    status = 409


class InvalidError(LeadscoreError):
    """Readable, but not valid as a whole, for example a matrix with problems."""

    status = 422
