"""Countries as ISO 3166 two-letter codes, from a code, a name in a few languages or an everyday alias."""

import gettext
import re
import unicodedata
from functools import cache
from typing import Final

import pycountry

# Languages in whose names of countries people fill in forms; the names come with pycountry.
LANGUAGES: Final = ("de", "pl", "fr", "es", "it", "nl", "pt", "cs", "sv", "da")
ALIASES: Final = {
    "america": "US",
    "u s": "US",
    "u s a": "US",
    "us of a": "US",
    "the us": "US",
    "the united states": "US",
    "united states of america": "US",
    "uk": "GB",
    "u k": "GB",
    "great britain": "GB",
    "britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "wielka brytania": "GB",
    "grossbritannien": "GB",
    "grande bretagne": "GB",
    "el": "GR",
    "holland": "NL",
    "the netherlands": "NL",
    "czech republic": "CZ",
    "czechia": "CZ",
    "czechy": "CZ",
    "tschechische republik": "CZ",
    "slovak republic": "SK",
    "macedonia": "MK",
    "russia": "RU",
    "south korea": "KR",
    "korea": "KR",
    "republic of korea": "KR",
    "north korea": "KP",
    "viet nam": "VN",
    "vietnam": "VN",
    "ivory coast": "CI",
    "cape verde": "CV",
    "burma": "MM",
    "turkey": "TR",
    "turkiye": "TR",
    "uae": "AE",
    "u a e": "AE",
    "emirates": "AE",
    "ksa": "SA",
    "hong kong sar": "HK",
    "macau": "MO",
    "taiwan": "TW",
    "syria": "SY",
    "iran": "IR",
    "laos": "LA",
    "moldova": "MD",
    "bolivia": "BO",
    "venezuela": "VE",
    "tanzania": "TZ",
    "brunei": "BN",
    "palestine": "PS",
    "swaziland": "SZ",
    "kosovo": "XK",
    "xk": "XK",
    "xkx": "XK",
    "drc": "CD",
    "usa": "US",
}


def country_code(text: str) -> str:
    """`DE` for `de`, `DEU`, `Germany`, `Deutschland` or `Niemcy`; empty where it names no country."""
    return _codes().get(_folded(text), "")


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    languages = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for language in LANGUAGES
    ]
    for country in pycountry.countries:
        names = [country.name, getattr(country, "official_name", ""), getattr(country, "common_name", "")]
        names += [language.gettext(name) for language in languages for name in names[:1] + names[2:] if name]
        for name in filter(None, map(_folded, names)):
            codes.setdefault(name, country.alpha_2)
    codes |= ALIASES
    # Codes come last, since nobody's name may hide one.
    for country in pycountry.countries:
        codes[_folded(country.alpha_2)] = codes[_folded(country.alpha_3)] = country.alpha_2
    return codes


def _folded(text: str) -> str:
    """Case, accents and punctuation left out: how people really write names."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", " ", letters).strip()


def country_names(language: str) -> list[tuple[str, str]]:
    """Every country as (code, its everyday name in a language), in the order of the names."""
    translation = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
    names = [(country.alpha_2, getattr(country, "common_name", country.name)) for country in pycountry.countries]
    known = [(code, translation.gettext(name)) for code, name in [*names, ("XK", "Kosovo")]]
    return sorted(known, key=lambda pair: _folded(pair[1]))
