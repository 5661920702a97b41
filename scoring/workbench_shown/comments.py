"""What is said about a version: threads with their words cut into text, links and mentions, never into markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.translation import gettext as _

from accounts.models import User
from scoring.models import Comment, MatrixVersion
from scoring.services.commenting import MENTION, people_mentioned

# Nothing but these two schemes ever becomes a link.
_LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
_WORD: Final = re.compile(r"\w")
NAMELESS: Final = "@?"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a text."""

    kind: Literal["text", "link", "mention"]
    text: str


@dataclass(frozen=True, kw_only=True)
class CommentShown:
    """One comment; `typed` is its text as its author would type it again."""

    comment: Comment
    pieces: Sequence[Piece]
    typed: str
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class ThreadShown:
    """A criterion's comments, oldest first. `is_gone`: the criterion is no longer in the matrix."""

    criterion: str
    label: str
    is_gone: bool
    comments: Sequence[CommentShown]
    settled_by: User | None

    @property
    def is_settled(self) -> bool:
        return self.settled_by is not None


def threads_shown(version: MatrixVersion, reader: User) -> list[ThreadShown]:
    """All threads, those that are open first, each group in the order of the document with the whole version's first.

    Two queries, however much was said.
    """
    rows = list(Comment.objects.filter(version=version).select_related("author", "settled_by").order_by("pk"))
    people = User.objects.in_bulk({id_ for row in rows for id_ in people_mentioned(row.text)}) if rows else {}
    names = {id_: str(person) for id_, person in people.items()}
    labels = criteria_labels(version)
    order = {key: place for place, key in enumerate(["", *labels])}
    by_criterion: dict[str, list[Comment]] = {}
    for row in rows:
        by_criterion.setdefault(row.criterion, []).append(row)
    threads = [
        ThreadShown(
            criterion=key,
            label=labels.get(key, key) if key else _("The whole version"),
            is_gone=bool(key) and key not in labels,
            comments=[
                CommentShown(
                    comment=each,
                    pieces=pieces_of(each.text, names),
                    typed=typed(each.text, names),
                    is_own=each.author_id == reader.pk,
                )
                for each in said
            ],
            settled_by=said[-1].settled_by,
        )
        for key, said in by_criterion.items()
    ]
    return sorted(threads, key=lambda one: (one.is_settled, order.get(one.criterion, len(order)), one.criterion))


def open_comments(version: MatrixVersion) -> dict[str, int]:
    """How many comments stand in each thread that is open; the whole version's under the empty key. One query."""
    rows = Comment.objects.filter(version=version).order_by("pk").values_list("criterion", "settled_at")
    counts: dict[str, int] = {}
    last_settled: dict[str, bool] = {}
    for criterion, settled_at in rows:
        counts[criterion] = counts.get(criterion, 0) + 1
        last_settled[criterion] = settled_at is not None
    return {key: count for key, count in counts.items() if not last_settled[key]}


def criteria_labels(version: MatrixVersion) -> dict[str, str]:
    """The criteria by key, in the order of the document."""
    return {each["key"]: each.get("label") or each["key"] for each in version.document["criteria"]}


def pieces_of(text: str, names: dict[int, str]) -> list[Piece]:
    """The text cut at mentions and links. What a piece holds is text and is escaped where it is shown."""
    pieces: list[Piece] = []
    end = 0
    for found in MENTION.finditer(text):
        pieces += _linked(text[end : found.start()])
        pieces.append(Piece(kind="mention", text=_mention(int(found[1]), names)))
        end = found.end()
    return [*pieces, *_linked(text[end:])]


def typed(text: str, names: dict[int, str]) -> str:
    """The text with people by their names, as it is typed."""
    return MENTION.sub(lambda found: _mention(int(found[1]), names), text)


def with_ids(text: str, people: Iterable[User], chosen: Sequence[int] = ()) -> str:
    """What was typed, with each `@Name` of one of these people as the mention that is kept.

    The longest name goes first, and a name must not go on as a word. Of people called alike the one that was `chosen`
    is meant.
    """
    meant = sorted(people, key=lambda person: (-len(str(person)), person.pk not in set(chosen), person.pk))
    for person in meant:
        name = re.escape(f"@{person}")
        ends = r"(?!\w)" if _WORD.match(str(person)[-1]) else ""
        text = re.sub(rf"(?<!\w){name}{ends}", f"@{{{person.pk}}}", text, flags=re.IGNORECASE)
    return text


def _mention(id_: int, names: dict[int, str]) -> str:
    return f"@{names[id_]}" if id_ in names else NAMELESS


def _linked(text: str) -> list[Piece]:
    pieces = []
    end = 0
    for found in _LINK.finditer(text):
        pieces.append(Piece(kind="text", text=text[end : found.start()]))
        pieces.append(Piece(kind="link", text=found[0]))
        end = found.end()
    pieces.append(Piece(kind="text", text=text[end:]))
    return [each for each in pieces if each.text]
