"""``./dev`` refuses what it does not understand."""

import pytest

from tools import cli, commands


def test_unknown_option_is_refused_with_a_hint():
    """A mistyped option is not handed to Odoo, where it only says that Odoo does not start."""
    assert commands.demo.run
    with pytest.raises(SystemExit) as refusal:
        cli._parse(["run", "--prot", "3"])
    assert "--port" in str(refusal.value)


def test_words_for_the_called_program_pass():
    """What comes after -- is Odoo's; pytest's options need none."""
    assert cli._parse(["run", "--", "--log-level=debug"]).rest == ["--log-level=debug"]
    assert cli._parse(["test", "-k", "undo"]).rest == ["-k", "undo"]
