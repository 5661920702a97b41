"""Phone numbers: the key by which two spellings match, and what kind of line it is."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

PHONE_KINDS: Final = ("mobile", "fixed", "other")

_KINDS: Final = {PhoneNumberType.MOBILE: "mobile", PhoneNumberType.FIXED_LINE: "fixed"}


@dataclass(frozen=True, kw_only=True)
class PhoneIdentity:
    """`key` is the number as E.164 (`+48600100200`) or empty where it cannot be read; then `kind` is empty too."""

    key: str
    kind: str


@lru_cache(maxsize=8192)
def read_phone(text: str, country: str = "") -> PhoneIdentity:
    """Read a number as dialled from `country` (two letters, or empty: then only international spellings are read).

    `other` is a valid number that is neither surely mobile nor surely fixed: North America does not tell them apart.
    """
    dialled = text.strip()
    if dialled.startswith("00"):
        dialled = "+" + dialled[2:]
    try:
        number = phonenumbers.parse(dialled, country or None)
    except phonenumbers.NumberParseException:
        return PhoneIdentity(key="", kind="")
    if not phonenumbers.is_valid_number(number):
        return PhoneIdentity(key="", kind="")
    kind = _KINDS.get(phonenumbers.number_type(number), "other")
    return PhoneIdentity(key=phonenumbers.format_number(number, PhoneNumberFormat.E164), kind=kind)
