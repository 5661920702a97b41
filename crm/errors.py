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
