"""The catalogues: complete, compiled, and what a visitor gets to read."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from gettext import GNUTranslations, c2py
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.utils.translation import override, to_language
from django.utils.translation.template import templatize

import session_timeout
from session_timeout.browser.dialog import announcement
from tests.support.client import Browser
from tests.support.manual import TEXTS, blocks, rows, sections
from tests.support.views import meanwhile

pytestmark = pytest.mark.slow

PACKAGE = Path(session_timeout.__file__).parent
LOCALES = PACKAGE / "locale"
NAMES = sorted(path.name for path in LOCALES.iterdir())

TAG = "{% load session_timeout %}{% session_timeout %}"
ENDED = "Your session has ended."
PLACEHOLDER = re.compile(r"%\(\w+\)\w")
DIRECTION_MARK = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
END_OF_SENTENCE = str.maketrans("。।\uff1f؟", "..??")


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def catalogue(name: str) -> Catalog:
    return catalogue_of(name)


@pytest.fixture
def visitor(user: Any, settings: Any) -> Browser:
    """A browser, on a site that speaks its language."""
    locale = "django.middleware.locale.LocaleMiddleware"
    sessions, *others = settings.MIDDLEWARE
    settings.MIDDLEWARE = [sessions, locale, *others]
    return Browser("sync")


@cache
def catalogue_of(name: str) -> Catalog:
    with (LOCALES / name / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def compiled(name: str) -> BytesIO:
    return BytesIO((LOCALES / name / "LC_MESSAGES" / "django.mo").read_bytes())


def contents(compiled: BytesIO) -> list[tuple[Any, ...]]:
    """Return the messages of a compiled catalogue, in order."""
    found = messages(read_mo(compiled))
    # Babel reads a context as bytes, and sorts by it only what it writes.
    return sorted((str(m.id), (m.context or b"").decode(), m.string) for m in found)


def forms(message: Message) -> tuple[str, ...]:
    """Return the translations of a message, one for each form of its plural."""
    return message.string if message.pluralizable else (message.string,)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


@cache
def sources() -> set[tuple[Any, str | None]]:
    """Return each message that the package's files mark, with its context."""
    found = set()
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]:
        code = path.read_text("utf-8")
        if path.suffix == ".html":
            # What makes Python of a template leaves the indentation of HTML.
            code = re.sub("^ +", "", templatize(code), flags=re.MULTILINE)
        for _, id_, _, context in extract("python", BytesIO(code.encode())):
            found.add((id_, context))
    return found


def shown(catalogue: Catalog, message: Message, count: int) -> str:
    """Return what a message says, of a number if it has one."""
    if not message.pluralizable:
        return message.string
    return message.string[c2py(catalogue.plural_expr)(count)] % {"count": count}


def show_dialog(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template(TAG).render(RequestContext(request)))


def test_catalogue_has_the_messages_of_the_sources_and_no_others(catalogue) -> None:
    found = {(message.id, message.context) for message in messages(catalogue)}
    assert found == sources()
    assert not catalogue.obsolete


def test_every_form_of_every_message_is_translated(catalogue) -> None:
    assert not catalogue.fuzzy
    for message in messages(catalogue):
        assert not message.fuzzy
        wanted = catalogue.num_plurals if message.pluralizable else 1
        assert len(forms(message)) == wanted
        assert all(form and form == form.strip() for form in forms(message))


def test_header_is_of_this_project_and_language(catalogue, name) -> None:
    assert catalogue.locale_identifier == name
    assert GNUTranslations(compiled(name)).info() == {
        "project-id-version": "django-inactivity-timeout",
        "language": name,
        "mime-version": "1.0",
        "content-type": "text/plain; charset=UTF-8",
        "content-transfer-encoding": "8bit",
        "plural-forms": catalogue.plural_forms,
    }


def test_placeholders_are_those_of_the_source(catalogue) -> None:
    numbers = defaultdict(list)
    for number in range(1000):
        numbers[c2py(catalogue.plural_expr)(number)].append(number)
    for message in messages(catalogue):
        assert message.check(catalogue) == []
        singular = message.id[0] if message.pluralizable else message.id
        wanted = PLACEHOLDER.findall(singular)
        for index, form in enumerate(forms(message)):
            found = PLACEHOLDER.findall(form)
            # Where a form is for one number only, it may say it in a word.
            in_words = message.pluralizable and len(numbers[index]) == 1
            assert found == wanted or (in_words and not found)


def test_sentences_end_as_those_of_the_source(catalogue) -> None:
    for message in messages(catalogue):
        source = message.id[0] if message.pluralizable else message.id
        for form in forms(message):
            ends = form.translate(END_OF_SENTENCE)
            assert [ends.endswith(mark) for mark in ".?"] == [
                source.endswith(mark) for mark in ".?"
            ]


def test_direction_is_left_to_the_page(catalogue) -> None:
    for message in messages(catalogue):
        assert not any(map(DIRECTION_MARK.search, forms(message)))


def test_english_is_the_source() -> None:
    for message in messages(catalogue_of("en")):
        assert message.string == message.id


def test_short_messages_are_not_another_packages(catalogue) -> None:
    """Django takes a message from the project, or from the first app that has it."""
    short = [m for m in messages(catalogue) if len(str(m.id).split()) <= 3]
    assert {m.id for m in short} >= {"Close", "Continue", "Sign out"}
    assert {m.context for m in short} == {"session timeout"}


def test_compiled_file_is_what_the_catalogue_compiles_to(catalogue, name) -> None:
    expected = BytesIO()
    write_mo(expected, catalogue)
    expected.seek(0)
    assert contents(compiled(name)) == contents(expected)


def test_visitor_reads_every_message_in_their_language(
    catalogue, name, visitor, clock, settings
) -> None:
    settings.SESSION_TIMEOUT_REAUTHENTICATE_SECONDS = 600

    headers = {"Accept-Language": to_language(name)}
    visitor.get("/write/?cart=7")
    meanwhile.function = show_dialog
    anonymous = visitor.get("/during/", **headers).content.decode()
    visitor.login()
    meanwhile.function = show_dialog
    paths = ("/during/", "/session-timeout/resumed/")
    pages = [visitor.get(path, **headers).content.decode() for path in paths]
    for message in messages(catalogue):
        # The numbers are those of the announcements, and of the limit.
        texts = [shown(catalogue, message, count) for count in (1, 20, 30)]
        assert any(text in page for text in texts for page in (anonymous, *pages))
    clock.tick(1800)
    answer = visitor.get("/page/", Accept="application/json", **headers)
    assert answer.json()["detail"] == catalogue[ENDED].string


@pytest.mark.parametrize(
    ("asked", "default", "name"),
    [
        ("de-at", "en-us", "de"),
        ("es-mx", "en-us", "es"),
        ("fr-ca", "en-us", "fr"),
        ("ar-dz", "en-us", "ar"),
        ("pt-br", "en-us", "pt_BR"),
        ("zh-cn", "en-us", "zh_Hans"),
        ("zh-hans", "en-us", "zh_Hans"),
        ("en", "de", "en"),
        ("en-gb", "de", "en"),
        # Without a catalogue of its own, a language is not taken for its neighbour.
        ("pt", "de", "de"),
        ("zh-tw", "de", "de"),
        ("da", "en-us", "en"),
    ],
)
def test_visitor_reads_the_nearest_language(
    asked, default, name, visitor, clock, settings
) -> None:
    settings.LANGUAGE_CODE = default
    visitor.login()
    clock.tick(1800)
    headers = {"Accept": "application/json", "Accept-Language": asked}
    answer = visitor.get("/page/", **headers)
    assert answer.json()["detail"] == catalogue_of(name)[ENDED].string


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("en", 1, "in 1 minute."),
        ("en", 2, "in 2 minutes."),
        ("de", 1, "in 1 Minute."),
        ("de", 2, "in 2 Minuten."),
        ("fr", 1, "dans 1 minute."),
        ("fr", 2, "dans 2 minutes."),
        ("es", 1, "dentro de 1 minuto."),
        ("es", 2, "dentro de 2 minutos."),
        ("pl", 1, "za 1 minutę."),
        ("pl", 4, "za 4 minuty."),
        ("pl", 5, "za 5 minut."),
        ("pl", 12, "za 12 minut."),
        ("pl", 21, "za 21 minut."),
        ("pl", 22, "za 22 minuty."),
        ("cs", 1, "za 1 minutu."),
        ("cs", 4, "za 4 minuty."),
        ("cs", 5, "za 5 minut."),
        ("cs", 22, "za 22 minut."),
        ("uk", 1, "через 1 хвилину."),
        ("uk", 4, "через 4 хвилини."),
        ("uk", 5, "через 5 хвилин."),
        ("uk", 11, "через 11 хвилин."),
        ("uk", 21, "через 21 хвилину."),
        ("uk", 22, "через 22 хвилини."),
        ("ar", 1, "بعد دقيقة واحدة."),
        ("ar", 2, "بعد دقيقتين."),
        ("ar", 3, "بعد 3 دقائق."),
        ("ar", 10, "بعد 10 دقائق."),
        ("ar", 11, "بعد 11 دقيقة."),
        ("ar", 100, "بعد 100 دقيقة."),
        ("he", 1, "בעוד דקה אחת."),
        ("he", 2, "בעוד שתי דקות."),
        ("he", 3, "בעוד 3 דקות."),
        ("he", 20, "בעוד 20 דקות."),
        ("ja", 5, "あと5分でセッションが終了します。"),
    ],
)
def test_plural_is_the_one_of_the_number(language, count, text) -> None:
    with override(language):
        assert announcement(60 * count).endswith(text)


def test_project_overrides_a_sentence(visitor, clock, settings, tmp_path) -> None:
    own = Catalog(locale="de")
    own.add(ENDED, "Feierabend.")
    (tmp_path / "de" / "LC_MESSAGES").mkdir(parents=True)
    with (tmp_path / "de" / "LC_MESSAGES" / "django.mo").open("wb") as file:
        write_mo(file, own)
    settings.LOCALE_PATHS = [tmp_path]
    headers = {"Accept": "application/json", "Accept-Language": "de"}
    visitor.login()
    clock.tick(1800)
    assert visitor.get("/page/", **headers).json()["detail"] == "Feierabend."


def test_catalogue_of_the_manual_changes_the_button(
    visitor, settings, tmp_path
) -> None:
    (example,) = blocks(TEXTS["docs/settings.md"], "po")
    (tmp_path / "de" / "LC_MESSAGES").mkdir(parents=True)
    with (tmp_path / "de" / "LC_MESSAGES" / "django.mo").open("wb") as file:
        write_mo(file, read_po(BytesIO(example.encode()), locale="de"))
    settings.LOCALE_PATHS = [tmp_path]
    visitor.login()
    meanwhile.function = show_dialog
    page = visitor.get("/during/", **{"Accept-Language": "de"}).content.decode()
    assert "<button autofocus>Weiterarbeiten</button>" in page


def test_settings_page_lists_the_languages() -> None:
    table = rows(sections(TEXTS["docs/settings.md"])["Translations"])[1:]
    codes = [code.strip("`") for _, code in table]
    assert sorted(codes) == sorted(map(to_language, NAMES))
