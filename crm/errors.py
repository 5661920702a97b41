"""Refusals of this floor with a status of their own."""

from django.utils.translation import gettext as _

from kernel.errors import LeadscoreError


class ErasedError(LeadscoreError):
    """The person was erased; what was sent of them is not kept."""

    status = 410

    def __init__(self) -> None:
        super().__init__(_("This person was erased. Nothing that is sent about them is kept."), code="erased")


class UnknownLeadError(LeadscoreError):
    """No lead has this id."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no lead with this id."), code="unknown_lead")


class FileGoneError(LeadscoreError):
    """The file of an import is kept until the import has ended, and a few days where it was never started."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This file is not kept any more. Bring it again."), code="file_gone")
