# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A customer and the customers billed below it, in the order of the tree; no model of its own."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from odoo.tools import SQL


@dataclass(frozen=True)
class Branch:
    """A customer of the tree; ``depth`` 0 is the one that the tree begins with."""

    id: int
    name: str
    depth: int
    can_pay: bool


class CustomerTree:
    """A customer and everything billed below it, archived customers included.

    Takes: an environment, the customer (a commercial entity), and which rows of the closure table
    (``link``) count; access is the caller's business. A branch that does not count is left out
    with all that is below it.

    Use: ``own``, ``branches`` in the order of the tree, ``by_id``, ``names``, ``get_branch``.

    How it works: one query for the branches, whatever their number and depth.
    """

    def __init__(self, env, customer, condition=None):
        self.env = env
        self.customer = customer
        self.condition = condition or SQL("TRUE")

    @cached_property
    def branches(self):
        """Return the branches, each one below its billing parent, by name."""
        # SQL: portal users may read neither the closure table nor other customers. What comes out
        # is the name of who counts, nothing else.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT link.descendant_id, partner.billing_parent_id, partner.name,
                       link.depth, link.can_pay
                  FROM customer_hierarchy_link link
                  JOIN res_partner partner ON partner.id = link.descendant_id
                 WHERE link.ancestor_id = %s AND link.depth > 0 AND %s
              ORDER BY lower(partner.name) DESC, partner.id DESC
                """,
                self.customer.id,
                self.condition,
            )
        )
        below = defaultdict(list)
        for branch_id, parent_id, name, depth, can_pay in rows:
            below[parent_id].append(Branch(branch_id, name or "", depth, can_pay))
        branches, stack = [], below[self.customer.id]
        while stack:
            branch = stack.pop()
            branches.append(branch)
            stack = stack + below[branch.id]
        return branches

    @cached_property
    def own(self):
        """Return the customer itself as the root of the tree."""
        return Branch(self.customer.id, self.customer.name or "", 0, True)

    @cached_property
    def by_id(self):
        """Return the customer itself and the branches by id."""
        return {branch.id: branch for branch in [self.own, *self.branches]}

    @cached_property
    def names(self):
        """Return the names of the customer itself and of the branches by id."""
        return {branch.id: branch.name for branch in self.by_id.values()}

    def get_branch(self, branch_id):
        """Return the customer of the tree that a URL's ``branch`` names, or None."""
        try:
            return self.by_id.get(int(branch_id))
        except (OverflowError, TypeError, ValueError):
            return None

    def search_branches(self, term):
        """Return the branches whose name has ``term`` in it, in the order of the tree."""
        term = (term or "").strip().lower()
        return [branch for branch in self.branches if term in branch.name.lower()]

    def search_customers(self, term):
        """Return the customer itself and the branches that are called ``term``.

        Those of just this name, or else those that have it in their name, in the order of the tree.
        """
        term = (term or "").strip().lower()
        found = [one for one in self.by_id.values() if term in one.name.lower()]
        return [one for one in found if one.name.lower() == term] or found
