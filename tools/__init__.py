"""What ``./dev`` is made of. Standard library only: it runs before any package is installed.

* ``commands``: the commands; add one there with ``@command``
* ``cli``: how a command is declared and run
* ``databases``: Odoo's databases: templates, copies, and how fresh they are
* ``postgres``: the embedded server, or the one that ``PGHOST`` names
* ``cache``: the per-user cache: Odoo, the Python environment, locks
* ``console``: messages, long steps, failures
"""
