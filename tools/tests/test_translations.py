"""The templates of translations hold what the addons say today."""

import io

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
