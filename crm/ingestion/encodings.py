"""In which encoding a text file is written. Pure but for the file.

Decoding is done with `errors=UNREADABLE`: bytes that are no letter become a lone surrogate, which nothing stores, so that
the row that holds them is refused instead of stored with a wrong letter.
"""

import codecs
import re
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_lazy

from kernel.errors import BadRequestError

UNREADABLE: Final = "leadscore_unreadable"
NOT_TEXT: Final = gettext_lazy("This file is no text. Save it as CSV.")
_CHUNK: Final = 1024 * 1024
# Of so many letters beyond ASCII one may be broken, and the file is still UTF-8.
_GOOD_FOR_ONE_BAD: Final = 10
# Polish letters of Windows-1250 that in Windows-1252 are signs no word holds: ą ł ż ś ź as ¹ ³ ¿ œ Ÿ.
_CENTRAL: Final = re.compile("[A-Za-zóÓ][¹³¿][a-zóêñæ]?|[¹³¿][a-z]")


def _unreadable(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    raise error


codecs.register_error(UNREADABLE, _unreadable)


def encoding_of(path: Path, start: bytes) -> str:
    """The encoding, recognised by the whole file: a letter late in it decides. Raises BadRequestError for what is no text."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in start:
        return _unmarked_utf_16(start)
    if _decodes(path, "utf-8"):
        return "utf-8-sig"
    if _is_broken_utf_8(path):
        return "utf-8-sig"
    if not _decodes(path, "cp1252"):
        return "latin-1"
    return "cp1250" if _is_central(path) else "cp1252"


def _unmarked_utf_16(start: bytes) -> str:
    """UTF-16 without a mark: every second byte of Latin text is zero. Raises BadRequestError for what is no text."""
    half = len(start) // 2
    zeros = {"utf-16-be": start[0::2].count(0), "utf-16-le": start[1::2].count(0)}
    best, other = sorted(zeros, key=lambda name: -zeros[name])
    if half > 1 and zeros[best] > half * 0.6 and zeros[other] == 0:
        return best
    raise BadRequestError(str(NOT_TEXT), code="not_text")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_broken_utf_8(path: Path) -> bool:
    """Whether the file is UTF-8 but for a few bytes: another encoding hardly ever gives its sequences."""
    good = bad = 0
    with path.open(encoding="utf-8", errors=UNREADABLE, newline="") as stream:
        while text := stream.read(_CHUNK):
            if not text.isascii():
                broken = text.count("\udcff")
                bad += broken
                good += sum(not letter.isascii() for letter in text) - broken
    return good >= bad * _GOOD_FOR_ONE_BAD


def _is_central(path: Path) -> bool:
    """Whether words hold what only Windows-1250 makes letters of."""
    with path.open(encoding="cp1252", newline="") as stream:
        return any(_CENTRAL.search(line) for line in iter(lambda: stream.readline(_CHUNK), "") if not line.isascii())
