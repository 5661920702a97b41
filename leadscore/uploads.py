"""How much of a file is taken in before anybody has asked who sends it: forms are read for their token first."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest


class BoundedUploadHandler(FileUploadHandler):
    """Ends a form that is larger than any we ask for, before it fills the disk; leaves the rest to the handlers behind.

    Who is signed in may send more than an import takes, to be told so on the page; who is not has no file to bring.
    """

    def handle_raw_input(
        self, input_data: Any, META: dict[str, str], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        if content_length > largest_form(self.request):
            raise RequestDataTooBig("This form is larger than any that is asked for.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def largest_form(request: HttpRequest | None) -> int:
    """In bytes, with all its files."""
    is_known = request is not None and hasattr(request, "user") and request.user.is_authenticated
    return 2 * settings.IMPORT_MAX_BYTES if is_known else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
