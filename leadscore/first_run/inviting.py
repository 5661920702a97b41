"""Several invitations at once. Where no mail leaves this machine, the links are handed over by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from accounts.services.inviting import invitation_send, invitation_token, person_invite
from kernel.errors import LeadscoreError


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Somebody invited; `link` is empty where the mail with it is on its way."""

    person: User
    link: str


@dataclass(frozen=True, kw_only=True)
class Invitations:
    """Who was invited, and for each address that was not, why."""

    invited: Sequence[Invited]
    refused: Mapping[str, str]


def people_invite(wanted: Sequence[Mapping[str, str]], *, link_of: Callable[[str], str], by: User) -> Invitations:
    """Invite each of `wanted` (email, name, role): all of them or, where one is refused, none.

    `link_of` makes the whole link of an invitation's token.
    """
    refused: dict[str, str] = {}
    people: list[User] = []
    with transaction.atomic():
        for one in wanted:
            fields = {"name": one["name"], "role": one["role"]}
            try:
                people.append(person_invite(email=one["email"], fields=fields, by=by))
            except LeadscoreError as error:
                refused[one["email"]] = error.detail
        if refused:
            transaction.set_rollback(True)
    if refused:
        return Invitations(invited=(), refused=refused)
    invited = []
    for person in people:
        link = link_of(invitation_token(person))
        is_sent = invitation_send(person=person, link=link, by=by)
        invited.append(Invited(person=person, link="" if is_sent else link))
    return Invitations(invited=invited, refused=refused)
