"""What the columns of a file mean: a YAML document read strictly, and a row turned by it into values as REST takes them.

Pure. A cell that is blank or a placeholder says nothing: it neither sets nor clears a field.
"""

import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast

import yaml
from django.utils.translation import gettext as _

from crm.identity import country_code, registrable_domain
from crm.identity.emails import is_free_domain
from kernel.errors import BadRequestError, Problem
from kernel.json import pointer

Kind: TypeAlias = Literal["text", "number", "boolean"]
About: TypeAlias = Literal["leads", "activities"]

#: What forms and exports write where nobody answered; compared without case. A mapping adds its own.
PLACEHOLDERS: Final = frozenset({"select", "unknown", "n/a", "#n/a", "-", "--"})
LEAD_TARGETS: Final = frozenset(
    ["external_id", "email", "name", "first_name", "last_name", "title", "department", "seniority", "phone", "country",
     "state", "city", "source", "consent", "owner", "company.name", "company.domain", "company.industry",
     "company.country", "company.employees", "company.revenue"]
)  # fmt: skip
ACTIVITY_TARGETS: Final = frozenset(
    ["message_id", "lead.external_id", "lead.email", "visitor", "kind", "occurred_at", "url", "subject", "value",
     "source"]
)  # fmt: skip
_OPEN_TARGETS: Final = {
    "leads": ("attributes.", "qualification.", "company.attributes."),
    "activities": ("properties.",),
}
_KIND_OF: Final[Map[str, Kind]] = {
    "value": "number",
    "company.employees": "number",
    "company.revenue": "number",
    "consent": "boolean",
}
_TRUE: Final = frozenset(["1", "true", "yes", "y", "t", "ja", "tak", "oui", "on"])
_FALSE: Final = frozenset(["0", "false", "no", "n", "f", "nein", "nie", "non", "off"])
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_KEYS: Final = frozenset(
    ["schema", "name", "about", "feed", "header", "placeholders", "columns", "constants", "ignore"]
)
_COLUMN_KEYS: Final = frozenset(["to", "as", "feed", "unreadable_to", "translate"])


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name (its number where there is no header), what it fills and how its cells are read.

    A cell that cannot be read so goes to `unreadable_to` as text; without one the row is refused. `feed` belongs to a
    further external id.
    """

    name: str
    to: str
    kind: Kind = "text"
    feed: str = ""
    unreadable_to: str = ""
    translate: Map[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FileMapping:
    """What a file is about and what its columns mean."""

    name: str
    about: About
    feed: str
    has_header: bool
    placeholders: frozenset[str]
    columns: Sequence[Column]
    constants: Map[str, str]
    ignored: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class RowValues:
    """A row as REST would send it, the ids other feeds know it by, and what could not be read."""

    values: Map[str, object]
    other_ids: Map[str, str]
    problems: Sequence[Problem]


def parse_mapping(text: str) -> FileMapping:
    """The mapping of a YAML text, whose scalars are all text. Raises BadRequestError with every problem."""
    try:
        # A loader of texts: NO stays Norway and 0042 stays as written.
        document = yaml.load(text, Loader=_TextLoader)  # noqa: S506 # nosec B506 - builds texts, lists and dicts only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BadRequestError(
            _("The mapping is no YAML: look at line %(line)s.") % {"line": line}, code="broken_yaml"
        ) from None
    read = _MappingReader(document)
    mapping = read.mapping()
    if read.problems or mapping is None:
        raise BadRequestError(read.problems[0].detail, code=read.problems[0].code, problems=read.problems)
    return mapping


def row_values(mapping: FileMapping, cells: Map[str, str]) -> RowValues:
    """Turn the cells of a row, by column, into values."""
    values: dict[str, object] = {}
    other_ids: dict[str, str] = {}
    problems: list[Problem] = []
    for target, constant in mapping.constants.items():
        _put(values, target, _read(constant, _KIND_OF.get(target, "text")))
    for column in mapping.columns:
        text = cells.get(column.name, "").strip()
        if not text or text.casefold() in mapping.placeholders:
            continue
        text = column.translate.get(text, text)
        if column.to == "external_id" and column.feed:
            other_ids[column.feed] = text
            continue
        value = _read(text, column.kind)
        if column.unreadable_to and (value is None or not _fits(column.to, text)):
            _put(values, column.unreadable_to, text)
        elif value is None:
            detail = _("This cell is no number.") if column.kind == "number" else _("This cell is neither yes nor no.")
            problems.append(Problem(pointer=pointer(column.name), code="unreadable_cell", detail=detail))
        else:
            _put(values, column.to, value)
    return RowValues(values=values, other_ids=other_ids, problems=problems)


def _read(text: str, kind: Kind) -> object:
    """The value of a cell, None where it cannot be read as its kind."""
    if kind == "number":
        return (float(text) if "." in text else int(text)) if _NUMBER.fullmatch(text) else None
    if kind == "boolean":
        return True if text.casefold() in _TRUE else False if text.casefold() in _FALSE else None
    return text


def _fits(target: str, text: str) -> bool:
    """Whether a field that takes countries or company domains only takes this text."""
    if target in {"country", "company.country"}:
        return bool(country_code(text))
    if target == "company.domain":
        return bool(domain := registrable_domain(text)) and not is_free_domain(domain)
    return True


def _put(values: dict[str, object], target: str, value: object) -> None:
    if target == "name":
        first, _space, last = str(value).rpartition(" ")
        values |= {"first_name": first or last, "last_name": last if first else ""}
        return
    parts = re.match(r"(company\.attributes|attributes|qualification|properties|company|lead)\.(.+)", target, re.DOTALL)
    if parts is None:
        values[target] = value
        return
    group = values
    for name in parts[1].split("."):
        group = cast(dict[str, object], group.setdefault(name, {}))
    group[parts[2]] = value


class _TextLoader(yaml.BaseLoader):
    """YAML whose scalars stay text and whose keys stand once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        names = [key.value for key, _value in node.value]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise yaml.constructor.ConstructorError(
                    None, None, "a key stands twice", node.value[index][0].start_mark
                )
        return dict(super().construct_mapping(node, deep=deep))


class _MappingReader:
    """Reads the document; problems gather."""

    def __init__(self, document: object) -> None:
        self.document: Map[str, object] = document if isinstance(document, Map) else {}
        self.problems: list[Problem] = []
        if not isinstance(document, Map):
            self.refuse("wrong_type", _("A mapping is a set of keys and values."))

    def refuse(self, code: str, detail: str, *path: object) -> None:
        self.problems.append(Problem(pointer=pointer(*path), code=code, detail=detail))

    def mapping(self) -> FileMapping | None:
        for key in sorted(set(self.document) - _KEYS):
            self.refuse("unknown_field", _("A mapping has no such key."), key)
        if self.document.get("schema") != "1":
            self.refuse("wrong_schema", _("Write schema: 1."), "schema")
        about = self.document.get("about")
        if about not in {"leads", "activities"}:
            self.refuse("not_a_choice", _("Say what the file is about: leads or activities."), "about")
            return None
        self.targets = LEAD_TARGETS if about == "leads" else ACTIVITY_TARGETS
        self.open_targets = _OPEN_TARGETS[str(about)]
        columns = self.columns()
        feed = str(self.document.get("feed", ""))
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", feed):
            self.refuse("bad_feed", _("Name the feed in small letters, digits and dashes."), "feed")
        return FileMapping(
            name=str(self.document.get("name", "")),
            about="leads" if about == "leads" else "activities",
            feed=feed,
            has_header=self.document.get("header", "true") != "false",
            placeholders=PLACEHOLDERS | {text.casefold() for text in self.texts("placeholders")},
            columns=columns,
            constants=self.constants(),
            ignored=frozenset(self.texts("ignore")),
        )

    def texts(self, key: str) -> list[str]:
        found = self.document.get(key, [])
        if isinstance(found, list) and all(isinstance(text, str) for text in found):
            return found
        self.refuse("wrong_type", _("Write a list of texts."), key)
        return []

    def constants(self) -> dict[str, str]:
        found = self.document.get("constants", {})
        if not isinstance(found, Map) or not all(isinstance(text, str) for text in found.values()):
            self.refuse("wrong_type", _("Write a text for each field."), "constants")
            return {}
        for target in found:
            self.check_target(target, "constants", target)
        return dict(found)

    def columns(self) -> list[Column]:
        found = self.document.get("columns")
        if not isinstance(found, Map) or not found:
            self.refuse("required", _("Say what each column fills."), "columns")
            return []
        return [column for name, rule in found.items() if (column := self.column(name, rule))]

    def column(self, name: str, rule: object) -> Column | None:
        place = ("columns", name)
        options: Map[str, object] = {"to": rule} if isinstance(rule, str) else rule if isinstance(rule, Map) else {}
        for key in sorted(set(options) - _COLUMN_KEYS):
            self.refuse("unknown_field", _("A column has no such key."), *place, key)
        target = options.get("to")
        if not isinstance(target, str):
            self.refuse("required", _("Say what the column fills."), *place)
            return None
        self.check_target(target, *place)
        kind = options.get("as", _KIND_OF.get(target, "text"))
        if kind not in {"text", "number", "boolean"}:
            self.refuse("not_a_choice", _("A column is read as text, number or boolean."), *place, "as")
        unreadable_to = str(options.get("unreadable_to", ""))
        if unreadable_to:
            self.check_target(unreadable_to, *place, "unreadable_to")
        translate = options.get("translate", {})
        if not isinstance(translate, Map):
            self.refuse("wrong_type", _("Write what each text becomes."), *place, "translate")
            translate = {}
        return Column(
            name=name,
            to=target,
            kind="number" if kind == "number" else "boolean" if kind == "boolean" else "text",
            feed=str(options.get("feed", "")),
            unreadable_to=unreadable_to,
            translate={str(text): str(became) for text, became in translate.items()},
        )

    def check_target(self, target: str, *place: object) -> None:
        is_open = any(target.startswith(start) and len(target) > len(start) for start in self.open_targets)
        if target not in self.targets and not is_open:
            self.refuse("unknown_field", _("There is no such field to fill."), *place)
