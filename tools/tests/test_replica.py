"""The pages of a head office are served by a streaming replica."""

import shutil
import subprocess
import sys

import pytest

from odoo.tests.common import get_db_name

from tools.cache import ROOT

from . import replica


@pytest.mark.skipif(
    not shutil.which("pg_basebackup"),
    reason="PostgreSQL's pg_basebackup is not on the PATH; ./dev test puts it there",
)
def test_pages_are_served_by_the_replica():
    """A real standby, made by pg_basebackup, that stopped to follow: the pages show its data."""
    run = subprocess.run(
        [sys.executable, "-m", "tools.tests.replica", get_db_name()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    print(run.stdout, run.stderr)
    assert run.returncode == 0
    for page in replica.PAGES:
        assert f"200 {page}: replica" in run.stdout
    assert "The standby follows" in run.stdout
