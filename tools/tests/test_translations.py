"""The templates of translations hold what the addons say today."""

import io
import re

import polib
import pytest

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name
from odoo.tools.translate import trans_export

from tools.cache import ROOT
from tools.databases import addons


@pytest.mark.parametrize("addon", addons())
def test_template_is_up_to_date(addon):
    """If not: ``./dev translations``."""
    exported = io.BytesIO()
    with Registry(get_db_name()).cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {})
        assert trans_export(None, [addon], exported, "po", env)
    stored = (ROOT / addon / "i18n" / f"{addon}.pot").read_text()
    assert _get_terms(stored) == _get_terms(exported.getvalue().decode())


def _get_terms(text):
    return {entry.msgid for entry in polib.pofile(text)}


LANGUAGES = ("de", "es", "fr", "it", "nl", "pt_BR")
ATTRIBUTE = re.compile(r'(?:title|aria-label|placeholder|alt)="[^"]*"')
WORD = re.compile(r"[^\W\d_]{2,}")
PLACEHOLDER = re.compile(r"\w+\.\w+\(\)|%\(\w+\)[sdf]|%[sd]|\{\w*\}|<[^>]+>")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("addon", addons())
def test_language_is_complete(addon, language):
    """Every term is translated, none is in doubt, and what is filled in is the same.

    Where a word or two are the same in both languages, OCA's format leaves the translation empty.
    """
    wanted = {entry.msgid for entry in polib.pofile(str(_get_path(addon, f"{addon}.pot")))}
    entries = polib.pofile(str(_get_path(addon, f"{language}.po")))
    assert wanted == {entry.msgid for entry in entries if not entry.fuzzy}
    empty = [entry.msgid for entry in entries if not entry.msgstr]
    assert not [msgid for msgid in empty if len(WORD.findall(PLACEHOLDER.sub("", msgid))) > 2]
    changed = [
        entry.msgid
        for entry in entries
        if entry.msgstr and _get_placeholders(entry.msgid) != _get_placeholders(entry.msgstr)
    ]
    assert not changed


def _get_placeholders(text):
    """Return what stays the same in all languages: all but the texts in tags."""
    return sorted(PLACEHOLDER.findall(ATTRIBUTE.sub("", text)))


def _get_path(addon, name):
    return ROOT / addon / "i18n" / name
