"""What remains of an erased identity: an HMAC under a key outside the database, by which later events are refused."""

import hashlib
import hmac


def email_tombstone(key: str, *, email_key: str) -> str:
    """Of a normalised address (`EmailIdentity.key`)."""
    return _digest(key, "email", email_key)


def external_tombstone(key: str, *, feed: str, external_id: str) -> str:
    """Of the id by which a feed knew the person."""
    return _digest(key, "external", feed, external_id)


def lead_tombstone(key: str, *, lead_id: int) -> str:
    """Of our own id, so that who still holds it is told that the person was erased."""
    return _digest(key, "lead", str(lead_id))


def _digest(key: str, *parts: str) -> str:
    # The length stands before each part: no two lists of parts read the same.
    message = "".join(f"{len(part)}:{part}" for part in parts)
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()
