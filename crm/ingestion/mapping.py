"""What the columns of a file mean: a document (YAML, or JSON as stored) read strictly. Pure.

`crm.ingestion.rows` turns a row by it into values as REST takes them.
"""

import re
from collections.abc import Mapping as Map

import yaml
from django.utils.translation import gettext as _

from crm.ingestion.mapping_language import (
    ACTIVITY_TARGETS,
    CHOSEN_KINDS,
    COLUMN_KEYS,
    KEYS,
    KIND_OF,
    LEAD_TARGETS,
    PLACEHOLDERS,
    TARGETS,
    About,
    Column,
    FileMapping,
    Kind,
)
from crm.ingestion.mapping_told import ToldReader
from kernel.errors import BadRequestError

__all__ = [
    "ACTIVITY_TARGETS",
    "LEAD_TARGETS",
    "PLACEHOLDERS",
    "About",
    "FileMapping",
    "mapping_from_document",
    "parse_mapping",
]


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
    return mapping_from_document(document)


def mapping_from_document(document: object) -> FileMapping:
    """The mapping of a document of texts, lists and objects; numbers, true and false are taken as their texts.

    Raises BadRequestError with every problem.
    """
    read = _MappingReader(_as_texts(document))
    mapping = read.mapping()
    if read.problems or mapping is None:
        raise BadRequestError(read.problems[0].detail, code=read.problems[0].code, problems=read.problems)
    return mapping


def _as_texts(value: object) -> object:
    if isinstance(value, Map):
        return {str(key): _as_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_texts(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else str(value)


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


class _MappingReader(ToldReader):
    """Reads the document; problems gather."""

    def __init__(self, document: object) -> None:
        super().__init__()
        self.document: Map[str, object] = document if isinstance(document, Map) else {}
        if not isinstance(document, Map):
            self.refuse("wrong_type", _("A mapping is a set of keys and values."))

    def mapping(self) -> FileMapping | None:
        for key in sorted(set(self.document) - KEYS):
            self.refuse("unknown_field", _("A mapping has no such key."), key)
        if self.document.get("schema") != "1":
            self.refuse("wrong_schema", _("Write schema: 1."), "schema")
        about = self.document.get("about")
        if about not in {"leads", "activities"}:
            self.refuse("not_a_choice", _("Say what the file is about: leads or activities."), "about")
            return None
        self.about = "leads" if about == "leads" else "activities"
        columns = self.columns()
        feed = str(self.document.get("feed", ""))
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", feed):
            self.refuse("bad_feed", _("Name the feed in small letters, digits and dashes."), "feed")
        if about == "activities":
            for key in ("activities", "outcome"):
                if self.document.get(key):
                    self.refuse("only_leads", _("Only a file about leads has activities and an outcome beside."), key)
            self.document = {**self.document, "activities": [], "outcome": {}}
        return FileMapping(
            name=str(self.document.get("name", "")),
            about=self.about,
            feed=feed,
            has_header=self.document.get("header", "true") != "false",
            placeholders=PLACEHOLDERS | {text.casefold() for text in self.texts("placeholders")},
            columns=columns,
            constants=self.constants(),
            ignored=frozenset(self.texts("ignore")),
            activities=self.activities(self.document.get("activities", [])),
            outcome=self.outcome(self.document.get("outcome", {})),
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
        columns = [column for name, rule in found.items() if (column := self.column(name, rule))]
        filled: dict[tuple[str, str], str] = {}
        for column in columns:
            if (other := filled.setdefault((column.to, column.feed), column.name)) != column.name:
                detail = _("The column %(other)s fills this field already: leave one of them out.") % {"other": other}
                self.refuse("filled_twice", detail, "columns", column.name)
        return columns

    def column(self, name: str, rule: object) -> Column | None:
        place = ("columns", name)
        options: Map[str, object] = {"to": rule} if isinstance(rule, str) else rule if isinstance(rule, Map) else {}
        self.only(options, COLUMN_KEYS, _("A column has no such key."), *place)
        target = options.get("to")
        if not isinstance(target, str):
            self.refuse("required", _("Say what the column fills."), *place)
            return None
        self.check_target(target, *place)
        unreadable_to = str(options.get("unreadable_to", ""))
        if unreadable_to:
            self.check_target(unreadable_to, *place, "unreadable_to")
        return Column(
            name=name,
            to=target,
            kind=self.kind(target, options, *place),
            feed=str(options.get("feed", "")),
            unreadable_to=unreadable_to,
            translate=self.translate(options, *place),
            separator=str(options.get("separator", "")) or ",",
            dates=self.dates(options, *place),
        )

    def kind(self, target: str, options: Map[str, object], *place: object) -> Kind:
        own = KIND_OF.get(target, "text")
        chosen = options.get("as", own)
        if chosen == own:
            return own
        kind = CHOSEN_KINDS.get(str(chosen))
        if kind is None:
            self.refuse("not_a_choice", _("A column is read as text, number, boolean, date or list."), *place, "as")
        elif target in TARGETS[self.about]:
            detail = _("This field is always read as %(kind)s. Only names of your own are read as you say.")
            self.refuse("not_a_choice", detail % {"kind": own}, *place, "as")
        return kind or own
