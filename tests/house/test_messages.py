"""Every text can be translated, and every language that the settings offer is translated whole."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from tools import messages


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    messages.catalog_add("pl", tmp_path)
    return tmp_path


def catalog_of(*texts: str | tuple[str, str]) -> Catalog:
    catalog = Catalog()
    for text in texts:
        catalog.add(text)
    return catalog


def translate(locale: Path, text: str, translation: str, texts: Catalog) -> None:
    path = messages.catalog_path("pl", locale)
    path.write_text(path.read_text().replace(f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\nmsgstr "{translation}"'))
    messages.catalog_update("pl", texts, locale)


def faults(texts: Catalog, locale: Path) -> list[str]:
    messages.template_update(texts, locale)
    return [str(fault) for fault in messages.faults_find(texts, locale)]


def test_the_catalogues_are_complete() -> None:
    assert [str(fault) for fault in messages.faults_find(messages.texts_collect())] == []


def test_every_language_on_offer_has_a_catalogue() -> None:
    offered = {code.replace("-", "_") for code, _ in settings.LANGUAGES if code != "en"}
    assert offered == set(messages.languages())


def test_a_text_that_no_language_has_yet_is_found(locale: Path) -> None:
    assert "pl: not in the catalogue: 'New lead'; run `make messages`" in faults(catalog_of("New lead"), locale)


def test_a_text_without_a_translation_is_found(locale: Path) -> None:
    texts = catalog_of("New lead")
    messages.catalog_update("pl", texts, locale)
    assert faults(texts, locale) == ["pl: not translated: 'New lead'"]


def test_a_translated_text_is_no_fault(locale: Path) -> None:
    texts = catalog_of("New lead")
    messages.catalog_update("pl", texts, locale)
    translate(locale, "New lead", "Nowy lead", texts)
    assert faults(texts, locale) == []


def test_a_translation_with_a_placeholder_of_its_own_is_found(locale: Path) -> None:
    texts = catalog_of("%(name)s is new")
    messages.catalog_update("pl", texts, locale)
    translate(locale, "%(name)s is new", "%(imie)s: nowy", texts)
    assert faults(texts, locale) == ["pl: placeholders differ: '%(name)s is new'"]


def test_a_compiled_catalogue_that_lags_behind_is_found(locale: Path) -> None:
    texts = catalog_of("New lead")
    messages.catalog_update("pl", texts, locale)
    translate(locale, "New lead", "Nowy lead", texts)
    path = messages.catalog_path("pl", locale)
    path.write_text(path.read_text().replace("Nowy", "Nowszy"))
    assert faults(texts, locale) == ["pl: django.mo is not what django.po says; run `make messages`"]


def test_a_template_that_lags_behind_is_found(locale: Path) -> None:
    messages.template_update(catalog_of("Old"), locale)
    found = [str(fault) for fault in messages.faults_find(catalog_of("New"), locale)]
    assert "locale/django.pot: not what the sources say; run `make messages`" in found


def test_texts_are_found_in_python_templates_and_scripts(tmp_path: Path) -> None:
    (tmp_path / "crm" / "templates").mkdir(parents=True)
    (tmp_path / "crm" / "views.py").write_text('ngettext_lazy("%d lead", "%d leads")\n')
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        """<b title="{% translate "Don't" %}">it's</b> {% blocktranslate trimmed with a=b %}
           Score of
           {{ a }}{% endblocktranslate %} {{ _("Why")|upper }} {% trans 'May' context "month" %}"""
    )
    (tmp_path / "static" / "js").mkdir(parents=True)
    (tmp_path / "static" / "js" / "a.js").write_text('gettext("Copied")')
    found = {(message.id, message.context) for message in messages.texts_collect(tmp_path) if message.id}
    assert found == {
        (("%d lead", "%d leads"), None),
        ("Don't", None),
        ("Score of %(a)s", None),
        ("Why", None),
        ("May", "month"),
        ("Copied", None),
    }
