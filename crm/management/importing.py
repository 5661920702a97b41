"""What the two import commands share: a door to the pipeline that prints counts and keeps rejected rows."""

import csv
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.export import safe_cell
from crm.ingestion.looking import file_look
from crm.ingestion.mapping import About
from crm.ingestion.pipeline import BatchDone, ImportReport, RejectedRow, import_file, load_mapping
from kernel.errors import BadRequestError

# Reading rules that are said rather than recognised.
_OPTIONS: Final = {
    "encoding": gettext_lazy("how letters are written, such as cp1250; recognised by default"),
    "delimiter": gettext_lazy("what stands between cells, `tab` for tabs; recognised by default"),
    "sheet": gettext_lazy("which sheet of a spreadsheet; the first by default"),
    "decimal_mark": gettext_lazy("what stands before decimals, a point or a comma; recognised by default"),
    "date_order": gettext_lazy("ymd, dmy or mdy; recognised by default where the file settles it"),
    "time_zone": gettext_lazy("of times without an offset, such as Europe/Berlin; UTC by default"),
}
# What becomes of the activities that a row of a lead tells of.
_TOLD: Final = ("accepted", "duplicate", "quarantined")


class ImportCommand(BaseCommand):
    """`FILE --mapping FILE`: imports the rows of a file as the mapping says."""

    about: ClassVar[About]
    statuses: ClassVar[Sequence[str]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", required=True, help=_("a mapping file, or the name of a shipped one"))
        parser.add_argument("--feed", default="", help=_("who sends the rows; the mapping's own by default"))
        parser.add_argument(
            "--rejected", type=Path, help=_("where rows that did not go in are written (FILE.rejected.csv here)")
        )
        for name, meaning in _OPTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", default="", help=str(meaning))

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        rejected = RejectedFile(options["rejected"] or Path(f"{path.stem}.rejected.csv"))
        try:
            mapping = load_mapping(options["mapping"])
            if mapping.about != self.about:
                raise CommandError(_("This mapping is about %(about)s.") % {"about": mapping.about})
            given = {name: "\t" if options[name] == "tab" else options[name] for name in _OPTIONS if options[name]}
            look = file_look(path, file_name=path.name, given={"has_header": mapping.has_header, **given})
            report = import_file(path, mapping, rules=look.rules, feed=options["feed"], on_batch=rejected.write_all)
        except BadRequestError as error:
            raise CommandError("\n".join([error.detail, *self._lines_of(error)])) from None
        finally:
            rejected.close()
        self._print(report, rejected)

    def _print(self, report: ImportReport, rejected: "RejectedFile") -> None:
        further = [status for status in _TOLD if status not in self.statuses and report.counts[status]]
        counts = ", ".join(f"{status} {report.counts[status]:,}" for status in [*self.statuses, *further])
        self.stdout.write(_("%(rows)s rows: %(counts)s") % {"rows": f"{report.rows:,}", "counts": counts})
        if report.unmapped_columns:
            names = ", ".join(report.unmapped_columns)
            self.stdout.write(_("Columns the mapping does not name: %(names)s") % {"names": names})
        if rejected.count:
            self.stdout.write(_("Rejected rows with their reasons: %(path)s") % {"path": rejected.path})

    @staticmethod
    def _lines_of(error: BadRequestError) -> list[str]:
        return [f"  {problem.pointer}: {problem.detail}" for problem in error.problems]


class RejectedFile:
    """The rows that did not go in, as CSV with line, code, place and reason before their cells; made with the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._stream: Any = None

    def write_all(self, batch: BatchDone) -> None:
        for row in batch.rejected:
            self.write(row)

    def write(self, row: RejectedRow) -> None:
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._stream).writerow(["line", "code", "field", "reason", "cells"])
        cells = [safe_cell(cell) for cell in row.cells]
        csv.writer(self._stream).writerow([row.line, row.code, row.pointer, row.detail, *cells])
        self.count += 1

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
