"""Two leads that a person holds for one, noted for whoever merges."""

from crm.models import PossibleDuplicate


def possible_duplicate_note(*, lead_id: int, other_id: int) -> None:
    """Put two leads of one address among the possible duplicates, once; those that somebody told apart stay apart."""
    first, second = sorted((lead_id, other_id))
    if first != second:
        row = PossibleDuplicate(first_id=first, second_id=second, reason="same_email", evidence=["email"], likeness=100)
        PossibleDuplicate.objects.bulk_create([row], ignore_conflicts=True)
