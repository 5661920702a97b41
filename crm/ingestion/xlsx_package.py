"""The package that an .xlsx file is: its parts opened with their sizes capped, its sheets and the formats of its cells.

Only the parts that are needed are opened, never one inside another, and none before its inflated size is known to be
bearable: a zip's own word is enough, for reading stops at it.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from kernel.errors import BadRequestError

#: Bytes of a sheet or of the shared texts as inflated: a million rows of fifty columns.
MOST_INFLATED: Final = 4 * 1024**3
# Of the small parts, which are held in memory.
_MOST_SMALL: Final = 8 * 1024 * 1024
# No real sheet is packed so tightly; judged from a size that would cost something.
_MOST_RATIO: Final = 200
_RATIO_FROM: Final = 32 * 1024 * 1024
_MOST_PARTS: Final = 10_000
_MOST_FORMATS: Final = 65_536
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Sheet:
    name: str
    part: str
    is_hidden: bool


class Package:
    """An opened .xlsx file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts = {info.filename.lstrip("/").casefold(): info for info in archive.infolist()}
        if len(self._parts) > _MOST_PARTS:
            raise damaged()
        self._book = self._related("", "officedocument") or "xl/workbook.xml"
        if self._book.casefold() not in self._parts or not self._book.endswith(".xml"):
            raise _no_workbook(self._parts, self._small)

    def sheets(self) -> list[Sheet]:
        """The sheets that hold cells, in order."""
        relations = self._relations(self._book)
        found = []
        for element in _all(self._xml(self._book), "sheet"):
            relation = next((value for name, value in element.items() if _local(name) == "id"), "")
            kind, part = relations.get(relation, ("", ""))
            if kind == "worksheet" and part.casefold() in self._parts:
                state = element.get("state", "visible")
                found.append(Sheet(name=element.get("name", ""), part=part, is_hidden=state != "visible"))
        if not found:
            raise BadRequestError(_("This spreadsheet has no sheet with cells."), code="no_sheet")
        return found

    def is_from_1904(self) -> bool:
        """Whether days are counted from 1904, as old Macs did."""
        return any(element.get("date1904") in {"1", "true"} for element in _all(self._xml(self._book), "workbookPr"))

    def shared_texts_part(self) -> str:
        return self._related(self._book, "sharedstrings")

    def formats(self) -> Sequence[str]:
        """The number format of each cell style, by its number."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS  # noqa: PLC0415 - only files of sheets need it

        part = self._related(self._book, "styles")
        if not part:
            return []
        root = self._xml(part)
        own = {element.get("numFmtId", ""): element.get("formatCode", "") for element in _all(root, "numFmt")}
        builtin: Mapping[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
        styles = next(_all(root, "cellXfs"), None)
        numbers = [style.get("numFmtId", "0") for style in styles][:_MOST_FORMATS] if styles is not None else []
        return [own.get(number) or builtin.get(number, "General") for number in numbers]

    def chunks(self, part: str) -> Iterator[bytes]:
        """The bytes of a part in pieces."""
        info = self._parts[part.casefold()]
        _check_size(info, MOST_INFLATED)
        with self._opened(info) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk

    def size(self, part: str) -> int:
        return self._parts[part.casefold()].file_size

    def _small(self, part: str) -> bytes:
        info = self._parts[part.casefold()]
        _check_size(info, _MOST_SMALL)
        with self._opened(info) as stream:
            return stream.read(_MOST_SMALL)

    @contextmanager
    def _opened(self, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        if info.flag_bits & 0x1:
            raise BadRequestError(
                _("This spreadsheet is locked with a password. Save it without one."), code="encrypted"
            )
        try:
            with self._archive.open(info) as stream:
                yield stream
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise damaged() from error

    def _xml(self, part: str) -> Any:
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - only files of sheets need it
        from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415

        try:
            return fromstring(self._small(part), forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise damaged() from error

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to, by the reference: its kind and the part."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations.casefold() not in self._parts:
            return {}
        return {
            element.get("Id", ""): (
                element.get("Type", "").rsplit("/", 1)[-1].casefold(),
                posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/"),
            )
            for element in _all(self._xml(relations), "Relationship")
            if element.get("TargetMode") != "External"
        }

    def _related(self, part: str, kind: str) -> str:
        """The one part of a kind that a part refers to, "" where it is not there."""
        found = next((target for known, target in self._relations(part).values() if known == kind), "")
        return found if found.casefold() in self._parts else ""


@contextmanager
def package_opened(path: Path) -> Iterator[Package]:
    """Raises BadRequestError for what is no .xlsx file, or a damaged or hostile one."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield Package(archive)
    except (zipfile.BadZipFile, OSError, ValueError, RecursionError) as error:
        raise damaged() from error


def damaged() -> BadRequestError:
    return BadRequestError(
        _("This spreadsheet is damaged. Open it in a spreadsheet program and save it again."), code="damaged"
    )


def too_large() -> BadRequestError:
    detail = _("This spreadsheet unpacks to far more than a table needs. Save the sheet as CSV (UTF-8).")
    return BadRequestError(detail, code="too_large")


def _check_size(info: zipfile.ZipInfo, most: int) -> None:
    is_packed_tightly = info.file_size > _RATIO_FROM and info.file_size > max(info.compress_size, 1) * _MOST_RATIO
    if info.file_size > most or is_packed_tightly:
        raise too_large()


def _no_workbook(parts: Mapping[str, zipfile.ZipInfo], read: Any) -> BadRequestError:
    """What to say of a packed file that is no .xlsx."""
    if "mimetype" in parts and b"opendocument" in read("mimetype")[:200]:
        detail = _("This is an OpenDocument file. Save it as .xlsx or as CSV (UTF-8).")
        return BadRequestError(detail, code="spreadsheet")
    if "xl/workbook.bin" in parts:
        return BadRequestError(_("This is a binary spreadsheet (.xlsb). Save it as .xlsx."), code="spreadsheet")
    if "[content_types].xml" in parts:
        return BadRequestError(_("This is a document, not a spreadsheet. Save its table as CSV."), code="not_text")
    return BadRequestError(_("This file is packed. Unpack it and bring the table inside."), code="packed")


def _all(root: Any, name: str) -> Iterator[Any]:
    return (element for element in root.iter() if _local(str(element.tag)) == name)


def _local(name: str) -> str:
    return re.sub(r"^\{[^}]*\}", "", name)
