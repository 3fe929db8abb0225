"""What ``./dev`` is made of. Standard library only: it runs before any package is installed.

=============  ==================================================================
console        messages, long steps, failures
cache          the per-user cache: Odoo, the Python environment, locks
postgres       the embedded server, or the one that ``PGHOST`` names
databases      templates, copies, and how fresh a database is
cli            the commands; add one with ``@command``
=============  ==================================================================
"""
