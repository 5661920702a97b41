"""A version on its way: reasons for its warnings, two who sign, and both signatures."""

from dataclasses import dataclass, field
from itertools import count

from accounts.models import Role, User
from scoring.models import MatrixVersion
from scoring.services.reviewing import version_submit, warnings_accept_all
from scoring.services.signatures import version_sign

_numbers = count(1)


@dataclass
class Reviewers:
    """One who signs for sales and one who signs for marketing; neither wrote anything."""

    sales: User = field(init=False)
    marketing: User = field(init=False)

    def __post_init__(self) -> None:
        self.sales = somebody(Role.SALES_MANAGER, "Sam")
        self.marketing = somebody(Role.MARKETER, "Mara")

    def submit(self, version: MatrixVersion, *, by: User | None = None) -> MatrixVersion:
        version.refresh_from_db()
        by = by or self.marketing
        warnings_accept_all(version, by=by, reason="We talked about it.")
        return version_submit(version_id=version.pk, by=by)

    def sign(self, version: MatrixVersion) -> MatrixVersion:
        """Submitted where it is not, and signed by both."""
        version.refresh_from_db()
        if version.state == MatrixVersion.State.DRAFT:
            self.submit(version)
        version_sign(version_id=version.pk, by=self.sales)
        version_sign(version_id=version.pk, by=self.marketing)
        version.refresh_from_db()
        return version


def somebody(role: Role, name: str = "Sue") -> User:
    return User.objects.create_user(f"{name.lower()}{next(_numbers)}@review.example", None, name=name, role=role)
