# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Do the same for many records in a scheduled action, so that one can't stop the others."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


def try_one(env, act: Callable, report: Callable, again: Callable) -> bool:
    """Do one thing, all of it or nothing.

    :param act: what to do
    :param report: called with the error, once what was done is taken back
    :param again: called where somebody else uses the same records right now
    :return: whether it is settled, done or reported; else it waits for its next turn
    """
    try:
        with env.cr.savepoint():
            act()
            env.flush_all()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        env.invalidate_all(flush=False)
        again()
        return False
    except Exception as error:  # whatever is wrong with one must not stop the rest
        _logger.info("Not done by a scheduled action, and reported", exc_info=True)
        env.invalidate_all(flush=False)
        report(error)
    return True


def try_each(env, items: Iterable, act: Callable, report: Callable, again: Callable) -> list[Any]:
    """Do one thing for each item, each committed by itself; what breaks is reported.

    :param act: called with an item
    :param report: called with an item and its error: tells the users concerned
    :param again: called without arguments: lets the scheduled action run again soon
    :return: the items that wait for their next turn
    """
    items = list(items)
    waiting = []
    cron = env["ir.cron"]
    cron._commit_progress(remaining=len(items))
    for number, item in enumerate(items):
        if not try_one(
            env,
            lambda item=item: act(item),
            lambda error, item=item: report(item, error),
            again,
        ):
            waiting.append(item)
        if not cron._commit_progress(1):
            return waiting + items[number + 1 :]
    return waiting


def run_batches(records, size):
    """Let each record make its changes, batch by batch, each committed, until time is up.

    :param records: of a model whose ``_run_batch()`` returns how many changes remain
    :param int size: the changes of a batch
    """
    for record in records:
        remaining = True
        while remaining:
            remaining = record._run_batch()
            if not record.env["ir.cron"]._commit_progress(size, remaining=remaining):
                return
