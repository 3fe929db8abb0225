# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Do the same for many records in a scheduled action, so that one can't stop the others."""

import logging
from collections.abc import Callable, Iterable

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


def try_together(env, batches: Iterable, act: Callable, report: Callable, again: Callable):
    """Do one thing for many records at a time, each batch committed; what breaks is done alone.

    :param batches: recordsets
    :param act: called with a batch; where that fails with each of its records, by itself
    :param report: called with a record and its error: tells the users concerned
    :param again: called without arguments: lets the scheduled action run again soon
    """
    batches = list(batches)
    cron = env["ir.cron"]
    cron._commit_progress(remaining=sum(len(batch) for batch in batches))
    for batch in batches:
        if len(batch) > 1 and _try_batch(env, batch, act):
            if not cron._commit_progress(len(batch)):
                return
            continue
        for record in batch:
            try_one(
                env,
                lambda record=record: act(record),
                lambda error, record=record: report(record, error),
                again,
            )
            if not cron._commit_progress(1):
                return


def _try_batch(env, batch, act: Callable) -> bool:
    """Return whether the whole batch could be done; else nothing of it is."""
    try:
        with env.cr.savepoint():
            act(batch)
            env.flush_all()
    except Exception:  # whatever is wrong with one: each by itself says what
        _logger.debug("Not done together, but one by one", exc_info=True)
        env.invalidate_all(flush=False)
        return False
    return True


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
