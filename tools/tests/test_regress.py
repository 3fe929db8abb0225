"""What ``./dev regress`` reads in a log of Odoo's tests."""

import pytest

from tools import regress

LOG = """\
2026-01-01 10:00:00,000 7 ERROR db odoo.tests.suite: ERROR: setUpClass (odoo.addons.account.tests.\
test_bank.TestBank)
Traceback (most recent call last):
2026-01-01 10:00:01,000 7 ERROR db odoo.addons.account.tests.test_mail: FAIL: TestMail.test_one
Traceback (most recent call last):
2026-01-01 10:00:02,000 7 ERROR db odoo.addons.sale.tests.test_sale: FAIL: Subtest TestSale.test_a \
[first] (kind='x')
2026-01-01 10:00:03,000 7 ERROR db odoo.addons.sale.tests.test_sale: FAIL: Subtest TestSale.test_a \
[second] (kind='y')
2026-01-01 10:00:04,000 7 ERROR db odoo.tests.result: 3 failed, 1 error(s) of 12 tests when loading
"""


def test_each_failure_is_told_with_its_addon():
    """Also where a class can't be set up, which another logger tells of."""
    failures, tests = regress.read_log(LOG)
    assert failures == {
        ("account", "setUpClass (odoo.addons.account.tests.test_bank.TestBank)"),
        ("account", "TestMail.test_one"),
        ("sale", "TestSale.test_a"),
    }
    assert tests == 12
    assert sorted(regress._get_tag(*failure) for failure in failures) == [
        "/account:TestBank",
        "/account:TestMail.test_one",
        "/sale:TestSale.test_a",
    ]


def test_a_failure_that_is_not_told_is_no_success():
    """A log that is written in other words must not look like one without failures."""
    with pytest.raises(ValueError, match="4 failures are counted, 3 are told"):
        regress.read_log(LOG.replace("FAIL: TestMail", "BROKEN: TestMail"))


def test_a_log_that_ends_early_is_no_success():
    """Where Odoo stopped, nothing is known."""
    with pytest.raises(ValueError, match="did not run to their end"):
        regress.read_log(LOG[: LOG.index("3 failed")])
