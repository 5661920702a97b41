"""Matrix documents as YAML for people and version control: read by the core schema of YAML 1.2, and written for it.

PyYAML speaks YAML 1.1, where NO is false and 2026-03-03 a date, and keeps the last of two equal keys. So only its
parser is used here: scalars are resolved by the core schema, keys are always text, and tags, anchors and keys that
stand twice are refused with their place.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

import yaml
from django.utils.translation import gettext as _
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from kernel.errors import BadRequestError, Problem
from scoring.engine.errors import pointer
from scoring.engine.json_text import MOST_DIGITS, MOST_LEVELS, number_text

_NULL = re.compile(r"(?:~|null|Null|NULL)?")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class _CoreLoader(Reader, Scanner, Parser, Composer, BaseResolver):
    """Composes nodes and resolves nothing: which value a plain scalar is, is decided by `_scalar`."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self.level = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = self._next_event()
        if self.check_event(yaml.AliasEvent) or event.anchor is not None:
            self._refuse(_("anchors and aliases are not used in a matrix"))
        if getattr(event, "tag", None) is not None:
            self._refuse(_("tags are not used in a matrix"))
        self.level += 1
        if self.level > MOST_LEVELS + 1:
            self._refuse(_("nested too deep"))
        node = super().compose_node(parent, index)
        self.level -= 1
        return node

    def _next_event(self) -> Any:
        return self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave it out

    def _refuse(self, problem: str) -> NoReturn:
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=self._next_event().start_mark)


def yaml_read(text: str) -> object:
    """The value of a YAML text. Raises BadRequestError with every problem that can be told at once."""
    try:
        node = _CoreLoader(text.removeprefix("\ufeff")).get_single_node()
    except yaml.YAMLError as error:
        raise BadRequestError(
            _broken(error), code="broken_yaml", problems=[_problem("", "broken_yaml", _broken(error))]
        ) from error
    problems: list[Problem] = []
    value = None if node is None else _value(node, "", problems)
    if problems:
        raise BadRequestError(
            _("This YAML cannot be taken: mend what is listed."), code="invalid_yaml", problems=problems
        )
    return value


def _broken(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or _("a character that cannot stand there")
    if mark is None:
        return _("This is not YAML: %(problem)s.") % {"problem": problem}
    where = {"problem": problem, "line": mark.line + 1, "column": mark.column + 1}
    return _("This is not YAML: %(problem)s at line %(line)s, column %(column)s.") % where


def _problem(path: str, code: str, detail: str) -> Problem:
    return Problem(pointer=path, code=code, detail=detail)


def _value(node: Node, path: str, problems: list[Problem]) -> object:
    if isinstance(node, MappingNode):
        return _mapping(node, path, problems)
    if isinstance(node, SequenceNode):
        return [_value(each, pointer(path, index), problems) for index, each in enumerate(node.value)]
    return _scalar(node, path, problems) if isinstance(node, ScalarNode) else None


def _mapping(node: MappingNode, path: str, problems: list[Problem]) -> dict[str, object]:
    made: dict[str, object] = {}
    for key, member in node.value:
        if not isinstance(key, ScalarNode):
            problems.append(_problem(path, "not_a_text", _("A key must be a text.")))
            continue
        place = pointer(path, key.value)
        if key.value in made:
            detail = _("This key stands twice: keep the one you mean (line %(line)s).") % {
                "line": key.start_mark.line + 1
            }
            problems.append(_problem(place, "duplicate_key", detail))
        made[key.value] = _value(member, place, problems)
    return made


def _scalar(node: ScalarNode, path: str, problems: list[Problem]) -> object:
    text = node.value
    # Quoted or in a block: always text.
    if node.style is not None:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if _NOT_FINITE.fullmatch(text):
        problems.append(_problem(path, "not_finite", _("Infinity and NaN are not numbers of a matrix.")))
        return None
    if _INTEGER.fullmatch(text) or _FRACTION.fullmatch(text):
        return _number(text, path, problems)
    return text


def _number(text: str, path: str, problems: list[Problem]) -> object:
    if len(text) > MOST_DIGITS:
        problems.append(_problem(path, "too_long_a_number", _("This number is too long.")))
        return None
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    return Decimal(text)


# The order in which people expect the parts of a matrix; JSON in the database keeps none.
_ORDER = {
    name: place
    for place, name in enumerate(
        "schema name description audience timezone applies_to hand_off_at points_per_star tiers dimensions grades levels "
        "stages groups criteria examples key label note dimension group points stars tier negative at min_grade max_level "
        "weight floor ceiling take if field op value when kinds where after within_days unique_by reached rising silent_days "
        "days by_percent at_least of per_days count max max_per_day repeat_percent decay max_points disqualify fast_track "
        "enabled as_of facts lead company activities stage".split()
    )
}
_LAST = len(_ORDER)
_COMPACT = 88


class _CoreDumper(yaml.SafeDumper):
    """Writes what YAML 1.1 and 1.2 read alike: text that either would take for something else is quoted."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_mapping(dumper: _CoreDumper, value: Mapping[str, object]) -> Node:
    items = sorted(value.items(), key=lambda item: _ORDER.get(item[0], _LAST))
    node = dumper.represent_mapping("tag:yaml.org,2002:map", items)
    node.flow_style = _is_compact(value)
    return node


def _represent_list(dumper: _CoreDumper, value: list[object]) -> Node:
    node = dumper.represent_sequence("tag:yaml.org,2002:seq", value)
    node.flow_style = all(not isinstance(each, dict | list) for each in value)
    return node


def _represent_decimal(dumper: _CoreDumper, value: Decimal) -> Node:
    return dumper.represent_scalar("tag:yaml.org,2002:float", number_text(value))


def _is_compact(value: Mapping[str, object]) -> bool:
    """A condition, a limit or a stage reads best on one line."""
    return "key" not in value and len(repr(value)) <= _COMPACT and "label" not in value


_CoreDumper.add_representer(dict, _represent_mapping)
_CoreDumper.add_representer(list, _represent_list)
_CoreDumper.add_representer(Decimal, _represent_decimal)
for _name, _form in (("int", _INTEGER), ("float", _FRACTION)):
    # Resolvers ask for a beginning that matches, so the end is named.
    _whole = re.compile(rf"(?:{_form.pattern})\Z")
    _CoreDumper.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", _whole, list("-+.0123456789"))


def yaml_write(document: object) -> str:
    """The document as YAML that `yaml_read` takes back unchanged, its parts in the order of the contract."""
    text = yaml.dump(document, Dumper=_CoreDumper, allow_unicode=True, sort_keys=False, width=120)
    return str(text)
