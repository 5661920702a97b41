"""`manage.py preview MODEL`: what a draft would change for every lead, before it is published."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from kernel.errors import LeadscoreError
from scoring.columns.generations import generation_refresh
from scoring.engine import write_json
from scoring.loader import document_from_text
from scoring.models import MatrixVersion, ScoringModel
from scoring.preview import Preview, preview
from scoring.preview.answer import Figures, StageMoves, Table
from scoring.preview.comparing import Crossing
from scoring.preview.naming import names_for_operator

SHOWN = 10


class Command(BaseCommand):
    help = (
        "Say what a draft or a file would change for every lead of a model, were it published now. Nothing is written."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Ours is the version of a matrix, not Django's.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", help="key of the model")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--version", type=int, metavar="N", dest="number", help="a version of the model")
        which.add_argument("--file", type=Path, metavar="FILE", help="a document, .yaml, .yml or .json")
        parser.add_argument("--json", action="store_true", dest="is_json", help="everything, for programs")
        parser.add_argument("--names", type=int, default=SHOWN, metavar="N", help=f"leads listed a line ({SHOWN})")

    def handle(
        self, *, model: str, number: int | None, file: Path | None, is_json: bool, names: int, **_: object
    ) -> None:
        if names < 0:
            raise CommandError("List no lead or more.")
        found = ScoringModel.objects.filter(slug=model).first()
        if found is None:
            raise CommandError(f"There is no model with the key {model}.")
        document = _of_file(file) if file is not None else _of_version(found, number or 0)
        try:
            said = _previewed(found, document, names)
        except LeadscoreError as error:
            lines = [error.detail, *(f"  {each.pointer or '/'}: {each.detail}" for each in error.problems)]
            raise CommandError("\n".join(lines)) from error
        if is_json:
            self.stdout.write(write_json(said.to_json()))
            return
        for line in _lines(said):
            self.stdout.write(line)


def _previewed(model: ScoringModel, document: object, names: int) -> Preview:
    said = preview(model=model, document=document, names=names, is_waiting=True, is_fresh=True)
    if said.state == "preparing":
        # Nobody waits for a page here, so the file is made on the spot.
        generation_refresh()
        said = preview(model=model, document=document, names=names, is_waiting=True, is_fresh=True)
    return said


def _of_file(file: Path) -> object:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
    try:
        return document_from_text(text, "json" if file.suffix == ".json" else "yaml")
    except LeadscoreError as error:
        lines = [error.detail, *(f"  {each.pointer or '/'}: {each.detail}" for each in error.problems)]
        raise CommandError("\n".join(lines)) from error


def _of_version(model: ScoringModel, number: int) -> object:
    version = MatrixVersion.objects.filter(model=model, number=number).first()
    if version is None:
        raise CommandError(f"{model.slug} has no version {number}.")
    return version.document


def _lines(said: Preview) -> Iterable[str]:
    found = said.figures
    if found is None:
        yield f"The figures are not there yet ({said.state}): ask again."
        return
    against = f"version {said.published}" if said.published else "no published version"
    yield f"{said.model} on {said.as_of}: {said.leads:,} leads, against {against}"
    if said.behind:
        yield f"Of {said.behind:,} leads facts changed that are not in this yet: ask again in a while."
    yield ""
    yield from _grid(
        ("stage", "before", "after", "enter", "leave"),
        [_stage_row(each.label or each.key, each) for each in found.stages]
        + [_stage_row("handed to sales", found.qualified)]
        + [("with a score", found.scored.before, found.scored.after, "", "")]
        + [("disqualified", found.disqualified.before, found.disqualified.after, "", "")]
        + [("fast-tracked", found.fast_tracked.before, found.fast_tracked.after, "", "")],
    )
    yield from _movements("stages, before by after", found.stage_table)
    yield from _movements("ratings, before by after", found.rating_table)
    yield from _owners(found)
    yield from _criteria(found)
    names = names_for_operator(said)
    yield from _named("enter what is handed to sales", found.qualified.flow.entering, names)
    yield from _named("leave it", found.qualified.flow.leaving, names)


def _stage_row(label: str, moves: StageMoves) -> tuple[object, ...]:
    return label, moves.before, moves.after, moves.flow.entering.count, moves.flow.leaving.count


def _movements(title: str, table: Table) -> Iterable[str]:
    """Only those that move."""
    moved = [(_place(row), "→", _place(column), count) for row, column, count in table.cells() if row != column]
    if moved:
        yield ""
        yield from _grid((title, "", "", "leads"), moved)


def _place(key: str | None) -> str:
    return "no score" if key is None else key or "no stage"


def _owners(found: Figures) -> Iterable[str]:
    people = dict(User.objects.filter(pk__in=[each.owner_id for each in found.load]).values_list("pk", "name"))
    rows = [
        (people.get(each.owner_id, f"#{each.owner_id}") if each.owner_id else "nobody", each.before, each.after)
        for each in found.load
    ]
    if rows:
        yield ""
        yield from _grid(("handed to sales, by owner", "before", "after"), rows)


def _criteria(found: Figures) -> Iterable[str]:
    rows = [
        (each.key, each.points_before, each.points_after, each.leads_before, each.leads_after)
        for each in found.criteria
        if (each.points_before, each.leads_before) != (each.points_after, each.leads_after)
    ]
    if rows:
        yield ""
        yield from _grid(("criterion", "points before", "after", "leads before", "after"), rows)


def _named(title: str, crossing: Crossing, names: dict[int, str]) -> Iterable[str]:
    if not crossing.count:
        return
    yield ""
    yield f"{crossing.count:,} {title}" + (f", the first {len(crossing.leads)}:" if crossing.leads else ".")
    for lead in crossing.leads:
        before, after = (
            "no score" if total is None else f"{total} {rating} {_place(stage)}"
            for total, rating, stage in (
                (lead.total_before, lead.rating_before, lead.stage_before),
                (lead.total_after, lead.rating_after, lead.stage_after),
            )
        )
        yield f"  #{lead.lead_id} {names.get(lead.lead_id, '')}: {before} → {after}"


def _grid(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterable[str]:
    texts = [list(head), *([f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    for row in texts:
        first, *others = row
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
