"""XML in pieces, with a parser that refuses what no spreadsheet has: document types (and with them entities), endless tags."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final
from xml.parsers import expat

from crm.ingestion.xlsx_package import damaged

# A tag, a comment or the like that is longer than this is none of a sheet's.
_LONGEST_TAG: Final = 1024 * 1024
_MOST_DEPTH: Final = 64


def parsed(
    chunks: Iterable[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> Iterator[int]:
    """Parse, yielding after each piece its size. Names come without their prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEPTH:
            raise damaged()
        start(name.rpartition(":")[2], attributes)

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2])

    def refuse(*_declared: object) -> None:
        raise damaged()

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    fed = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _LONGEST_TAG:
                raise damaged()
            yield len(chunk)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged() from error
    yield 0
