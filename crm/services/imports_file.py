"""The file of an import: kept in pieces in the database, read from a private temporary file."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from crm.errors import FileGoneError
from crm.models import Import, ImportChunk
from kernel.errors import BadRequestError

CHUNK: Final = 1024 * 1024


def file_store(import_run: Import, content: Iterable[bytes]) -> None:
    """Write the file in pieces of 1 MiB; sets `size` and `digest`. Refuses a file that is empty or above the limit."""
    digest = hashlib.sha256()
    size = 0
    for number, piece in enumerate(_pieces(content)):
        size += len(piece)
        if size > settings.IMPORT_MAX_BYTES:
            detail = _(
                "This file is larger than %(limit)s. Cut it into several, each with its header, and bring them in turn."
            )
            raise BadRequestError(detail % {"limit": filesizeformat(settings.IMPORT_MAX_BYTES)}, code="too_large")
        digest.update(piece)
        ImportChunk.objects.create(import_run=import_run, number=number, content=piece)
    if not size:
        raise BadRequestError(
            _("This file is empty. Export it again and look inside before you bring it."), code="empty_file"
        )
    import_run.size, import_run.digest = size, digest.hexdigest()


@contextmanager
def file_at_hand(import_run: Import) -> Iterator[Path]:
    """The file on disk, in a folder that nobody else may open, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / f"file{_suffix(import_run.file_name)}"
        with path.open("wb") as stream:
            for number in import_run.chunks.values_list("number", flat=True).order_by("number"):
                stream.write(import_run.chunks.values_list("content", flat=True).get(number=number))
            is_whole = stream.tell() == import_run.size
        if not is_whole:
            raise FileGoneError
        yield path


def file_delete(import_run: Import) -> None:
    """Once nobody will read it any more."""
    import_run.chunks.all().delete()


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    buffer = bytearray()
    for part in content:
        buffer += part
        while len(buffer) >= CHUNK:
            yield bytes(buffer[:CHUNK])
            del buffer[:CHUNK]
    if buffer:
        yield bytes(buffer)


def _suffix(file_name: str) -> str:
    """Kept, as some formats are told by it; nothing else of the name reaches the disk."""
    suffix = Path(file_name).suffix.lower()
    return suffix if suffix.removeprefix(".").isalnum() and len(suffix) <= 6 else ""
