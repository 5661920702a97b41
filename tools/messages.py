"""Collects the texts to translate and compiles the translations, with nothing but packages from requirements-dev.txt.

``makemessages`` would want the gettext programs, which a bare machine does not have. ``python -m tools.messages``
brings locale/django.pot, which translators begin with, and each language's django.po and django.mo up to date;
``--add pl`` begins a language, ``--check`` only says what is not complete.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parents[1]
LOCALE = PROJECT / "locale"
FLOORS = ("kernel", "accounts", "crm", "scoring", "handoff", "insights", "leadscore")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
COMMENT_TAG = "Translators:"
WIDTH = 110
HEADER = "# The texts of LeadScore, for translators to begin with. Written by `make messages`."


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that `make messages` or a translator has to put right."""

    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.language}: {self.text}"


def texts_collect(root: Path = PROJECT) -> Catalog:
    """Return every text that the sources hand to gettext, sorted, with the files it stands in."""
    catalog = Catalog(project="leadscore", charset="utf-8", header_comment=HEADER, fuzzy=False)
    for path, source, method in sources(root):
        name = path.relative_to(root).as_posix()
        for _, message, comments, context in extract(
            method, BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=[COMMENT_TAG]
        ):
            # Files without line numbers: a text that only moves changes no catalogue.
            catalog.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalog


def sources(root: Path) -> Iterator[tuple[Path, str, str]]:
    """Yield the files that may hold texts: path, source and the extraction method that reads it."""
    for floor in FLOORS:
        for path in sorted((root / floor).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text(), "python"
    for path in sorted(path for floor in (*FLOORS, "templates") for path in (root / floor).rglob("*")):
        if path.suffix in {".html", ".txt"} and "templates" in path.parts:
            yield path, template_source(path.read_text(), origin=str(path)), "python"
    for path in sorted((root / "static" / "js").rglob("*.js")):
        yield path, path.read_text(), "javascript"


def template_source(template: str, *, origin: str) -> str:
    """Return a template as the Python calls that its translation tags stand for, one a line.

    Django writes them among X's that keep the place of everything else, made for a reader that skips what it does not
    know. Python's own tokenizer does not, so only the calls are kept.
    """
    calls = re.findall(
        r"""\b(?:n?p?gettext|_)\((?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"|[\s,]|\w+)*\)""",
        templatize(template, origin=origin),
    )
    return "\n".join(calls)


def languages(locale: Path = LOCALE) -> list[str]:
    return sorted(path.parent.parent.name for path in locale.glob("*/LC_MESSAGES/django.po"))


def catalog_read(language: str, locale: Path = LOCALE) -> Catalog:
    with catalog_path(language, locale).open("rb") as file:
        return read_po(file, locale=language)


def catalog_path(language: str, locale: Path = LOCALE) -> Path:
    return locale / language / "LC_MESSAGES" / "django.po"


def template_read(locale: Path = LOCALE) -> Catalog:
    path = locale / "django.pot"
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file)


def template_update(texts: Catalog, locale: Path = LOCALE) -> None:
    """Write the template that translators begin with, unless it holds the same texts already."""
    if keys(texts) != keys(template_read(locale)):
        with (locale / "django.pot").open("wb") as file:
            write_po(file, texts, width=WIDTH, sort_output=True, include_lineno=False)


def catalog_add(language: str, locale: Path = LOCALE) -> None:
    """Begin a language with an empty catalogue."""
    path = catalog_path(language, locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        write_po(file, Catalog(locale=language, project="leadscore", charset="utf-8"))


def catalog_update(language: str, texts: Catalog, locale: Path = LOCALE) -> None:
    """Take new texts into a language's catalogue, drop those that are gone, and compile it. Nothing is guessed."""
    path = catalog_path(language, locale)
    catalog = catalog_read(language, locale)
    catalog.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    with path.open("wb") as file:
        write_po(
            file, catalog, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True, omit_header=False
        )
    path.with_suffix(".mo").write_bytes(compiled(catalog))


def compiled(catalog: Catalog) -> bytes:
    """Return the .mo form; texts without a translation, and those marked fuzzy, stay out."""
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def faults_find(texts: Catalog, locale: Path = LOCALE) -> Iterator[Fault]:
    """Yield what keeps the catalogues from being complete."""
    wanted = keys(texts)
    if keys(template_read(locale)) != wanted:
        yield Fault(language="locale/django.pot", text="not what the sources say; run `make messages`")
    for language in languages(locale):
        catalog = catalog_read(language, locale)
        present = keys(catalog)
        for missing in sorted(wanted - present, key=str):
            yield Fault(language=language, text=f"not in the catalogue: {missing[0]!r}; run `make messages`")
        for gone in sorted(present - wanted, key=str):
            yield Fault(language=language, text=f"no longer in the sources: {gone[0]!r}; run `make messages`")
        for message in catalog:
            if message.id and key(message) in wanted:
                yield from message_faults(message, language=language)
        machine = catalog_path(language, locale).with_suffix(".mo")
        if not machine.exists() or machine.read_bytes() != compiled(catalog):
            yield Fault(language=language, text="django.mo is not what django.po says; run `make messages`")


def message_faults(message: Message, *, language: str) -> Iterator[Fault]:
    """Yield what is wrong with one translation: missing, fuzzy, or with other placeholders than the text."""
    strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    forms = [string or "" for string in strings]
    if not all(forms):
        yield Fault(language=language, text=f"not translated: {key(message)[0]!r}")
    elif message.fuzzy:
        yield Fault(language=language, text=f"marked fuzzy: {key(message)[0]!r}")
    else:
        ids = message.id if isinstance(message.id, (tuple, list)) else [message.id]
        allowed = {name for text in ids for name in placeholders(text)}
        for form in forms:
            if not set(placeholders(form)) <= allowed:
                yield Fault(language=language, text=f"placeholders differ: {key(message)[0]!r}")


def placeholders(text: str) -> list[str]:
    return re.findall(r"%\(\w+\)[a-z]|\{\w*\}", text)


def keys(catalog: Catalog) -> set[tuple[str, str]]:
    return {key(message) for message in catalog if message.id}


def key(message: Message) -> tuple[str, str]:
    """Return what a text is found by: its singular and its context."""
    text = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
    return text, message.context or ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.messages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where something is missing")
    parser.add_argument("--add", metavar="LANGUAGE", help="begin a language, such as pl or pt_BR")
    options = parser.parse_args()
    texts = texts_collect()
    if options.add:
        catalog_add(options.add)
    if not options.check:
        template_update(texts)
        for language in languages():
            catalog_update(language, texts)
    faults = list(faults_find(texts))
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    sys.stdout.write(f"{len(texts)} texts, {len(languages())} languages beside English, {len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
