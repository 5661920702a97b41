"""The one lock that keeps judging and switching apart.

Whoever judges leads holds it shared, from before they ask which versions and days are current until they commit.
Whoever changes what is current (a publication, the start of a day) holds it exclusively. So nothing judged by an old
version or day is still under way when a new one stands, and no lead is scored by a mixture.

It is always the first lock of its transaction: taken after a row lock it could deadlock with a publication.
"""

from django.db import connection, transaction

CURRENT_VERSIONS = 0x6C73_0001


def current_versions_hold() -> None:
    """Keep the current versions and days as they are until this transaction ends; others may hold them too."""
    _lock("SELECT pg_advisory_xact_lock_shared(%s)")


def current_versions_switch() -> None:
    """Wait for all who judge, and keep others from judging until this transaction ends."""
    _lock("SELECT pg_advisory_xact_lock(%s)")


def _lock(statement: str) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("This lock lives as long as a transaction: open one around it.")
    with connection.cursor() as cursor:
        cursor.execute(statement, [CURRENT_VERSIONS])
