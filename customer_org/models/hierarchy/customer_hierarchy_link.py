# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CustomerHierarchyLink(models.Model):
    """Closure table of the billing hierarchy: one row per ancestor and descendant.

    Takes: ``res.partner.billing_parent_id`` and ``billing_parent_access``, the source of truth.

    Use: join on ``ancestor_id`` for a roll-up, on ``descendant_id`` for a customer's ancestors.
    Every customer in a hierarchy has a row of depth 0 with itself, so a roll-up is one join; a
    customer in no hierarchy has no row.

    How it works: :meth:`_refresh` is the only writer. It cuts the subtrees of the given customers
    loose and hangs them below their present parents: seven statements, whatever the number of
    customers and levels.
    """

    _name = "customer.hierarchy.link"
    _description = "Customer Hierarchy Link"
    _log_access = False
    _rec_name = "descendant_id"
    _order = "depth, id"

    ancestor_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=False, ondelete="cascade"
    )
    descendant_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    depth = fields.Integer(required=True, readonly=True)
    can_view = fields.Boolean(
        readonly=True,
        help="Every customer on the way lets its billing parent see its documents.",
    )
    can_pay = fields.Boolean(
        readonly=True,
        help="Every customer on the way lets its billing parent pay its invoices.",
    )

    _ancestor_descendant_uniq = models.UniqueIndex("(ancestor_id, descendant_id)")

    @api.private
    def _refresh(self, customers):
        """Rebuild the rows of ``customers`` and of all their descendants.

        Call after ``billing_parent_id`` or ``billing_parent_access`` of ``customers`` changed and
        cycles were refused.
        """
        if not customers:
            return
        Partner = self.env["res.partner"]
        Partner.flush_model(
            [
                "billing_parent_id",
                "billing_parent_access",
                "billing_root_id",
                "commercial_partner_id",
            ]
        )
        ids = tuple(customers.ids)
        self._lock_hierarchies(customers | customers.billing_parent_id)
        former_ancestor_ids = self._cut_subtrees(ids)
        self._hang_subtrees(ids)
        self._prune({*ids, *former_ancestor_ids})
        self._refresh_roots(ids)
        self.invalidate_model()
        Partner.invalidate_model(
            [
                "billing_root_id",
                "billing_ancestor_link_ids",
                "billing_branch_count",
                "billing_total_due",
                "billing_total_overdue",
                "billing_total_credit",
            ]
        )

    def _lock_hierarchies(self, customers):
        """Make concurrent changes of one hierarchy collide, so that no cycle can be committed.

        A lock alone would let the second transaction go on with its old snapshot. Writing the
        roots makes it fail with a serialization error, and Odoo tries it again with fresh data.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner SET billing_root_id = billing_root_id
                 WHERE id IN (SELECT billing_root_id FROM res_partner WHERE id IN %s)
                """,
                tuple(customers.ids),
            )
        )

    def _cut_subtrees(self, ids):
        """Remove all rows between the subtrees of ``ids`` and what was above; return the latter."""
        self.env.cr.execute(
            SQL(
                """
                WITH cut AS (
                    DELETE FROM customer_hierarchy_link link
                          USING customer_hierarchy_link above, customer_hierarchy_link below
                          WHERE above.descendant_id IN %s
                            AND above.depth > 0
                            AND below.ancestor_id = above.descendant_id
                            AND link.ancestor_id = above.ancestor_id
                            AND link.descendant_id = below.descendant_id
                      RETURNING link.ancestor_id
                )
                SELECT DISTINCT ancestor_id FROM cut
                """,
                ids,
            )
        )
        return {ancestor_id for (ancestor_id,) in self.env.cr.fetchall()}

    def _hang_subtrees(self, ids):
        """Add the rows between all present ancestors of ``ids`` and the subtrees of ``ids``."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_hierarchy_link
                            (ancestor_id, descendant_id, depth, can_view, can_pay)
                     SELECT DISTINCT member.id, member.id, 0, TRUE, TRUE
                       FROM res_partner customer,
                            LATERAL (VALUES (customer.id), (customer.billing_parent_id)) member(id)
                      WHERE customer.id IN %s AND customer.billing_parent_id IS NOT NULL
                ON CONFLICT DO NOTHING
                """,
                ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE climb(customer_id, ancestor_id, depth, can_view, can_pay) AS (
                    SELECT partner.id, partner.billing_parent_id, 1, %(can_view)s, %(can_pay)s
                      FROM res_partner partner
                     WHERE partner.id IN %(ids)s AND partner.billing_parent_id IS NOT NULL
                     UNION ALL
                    SELECT climb.customer_id, partner.billing_parent_id, climb.depth + 1,
                           climb.can_view AND %(can_view)s, climb.can_pay AND %(can_pay)s
                      FROM climb
                      JOIN res_partner partner ON partner.id = climb.ancestor_id
                     WHERE partner.billing_parent_id IS NOT NULL
                )
                INSERT INTO customer_hierarchy_link
                            (ancestor_id, descendant_id, depth, can_view, can_pay)
                     SELECT climb.ancestor_id, below.descendant_id, climb.depth + below.depth,
                            climb.can_view AND below.can_view, climb.can_pay AND below.can_pay
                       FROM climb
                       JOIN customer_hierarchy_link below ON below.ancestor_id = climb.customer_id
                """,
                ids=ids,
                can_view=SQL("partner.billing_parent_access IN ('view', 'pay')"),
                can_pay=SQL("partner.billing_parent_access = 'pay'"),
            )
        )

    def _prune(self, ids):
        """Remove the depth 0 rows of the customers in ``ids`` that are in no hierarchy any more."""
        if not ids:
            return
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM customer_hierarchy_link self_row
                      WHERE ancestor_id IN %s
                        AND depth = 0
                        AND NOT EXISTS (
                            SELECT FROM customer_hierarchy_link other
                             WHERE other.ancestor_id = self_row.ancestor_id AND other.depth > 0
                        )
                        AND NOT EXISTS (
                            SELECT FROM customer_hierarchy_link other
                             WHERE other.descendant_id = self_row.ancestor_id AND other.depth > 0
                        )
                """,
                tuple(ids),
            )
        )

    def _refresh_roots(self, ids):
        """Store the root on the customers in ``ids``, their descendants, and all their contacts."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner partner
                   SET billing_root_id = customer.root_id
                  FROM (
                        SELECT COALESCE(below.descendant_id, top.id) AS id,
                               COALESCE(root.id, top.id) AS root_id
                          FROM unnest(%s::int[]) top(id)
                          LEFT JOIN LATERAL (
                                SELECT ancestor_id AS id FROM customer_hierarchy_link
                                 WHERE descendant_id = top.id
                                 ORDER BY depth DESC
                                 LIMIT 1
                          ) root ON TRUE
                          LEFT JOIN customer_hierarchy_link below ON below.ancestor_id = top.id
                  ) customer
                 WHERE partner.commercial_partner_id = customer.id
                   AND partner.billing_root_id IS DISTINCT FROM customer.root_id
                """,
                list(ids),
            )
        )

    @api.private
    def _get_ancestors(self, customer_ids):
        """Return ``{customer id: [itself, its parent, …, its root]}``; one query.

        Customers in no hierarchy are missing.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT descendant_id, ARRAY_AGG(ancestor_id ORDER BY depth)
                  FROM customer_hierarchy_link
                 WHERE descendant_id = ANY(%s)
              GROUP BY descendant_id
                """,
                list(customer_ids),
            )
        )
        return dict(rows)

    @api.private
    def _get_customers_below(self, customer_ids):
        """Return the set of the ids of these customers and of all billed under them; one query.

        What has a customer, or one below it, is looked up by these ids: a condition that says
        *its own or below it* makes the database read what all customers have.
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT descendant_id FROM customer_hierarchy_link WHERE ancestor_id = ANY(%s)",
                list(customer_ids),
            )
        )
        return {customer_id for (customer_id,) in rows}.union(customer_ids)

    @api.private
    def _get_common_ancestors(self, customers):
        """Return the customers that all of ``customers`` are, or are billed under, nearest first.

        None where one of them is in no hierarchy.
        """
        if not customers:
            return customers
        ancestors = self._get_ancestors(customers.ids)
        nearest, *others = [ancestors.get(customer.id, []) for customer in customers]
        return customers.browse(
            ancestor_id for ancestor_id in nearest if all(ancestor_id in path for path in others)
        )

    @api.private
    def _check_payer(self, payer, items):
        """Refuse journal items that the credits of ``payer`` do not settle, by today's hierarchy.

        Credits are the payer's or of a customer above it, debts of the payer or of one below it:
        by what is booked, not by what a screen or a caller says of it. One query.

        :param payer: the customer in whose name is settled
        :param items: ``account.move.line`` that shall be matched
        :raises UserError: naming the first document of a customer of no common hierarchy
        """
        customers = items.partner_id.commercial_partner_id
        paths = self._get_ancestors((customers | payer).ids)
        above = paths.get(payer.id, [payer.id])
        for item in items:
            customer = item.partner_id.commercial_partner_id
            if item.balance < 0:
                fits = customer.id in above
            else:
                fits = payer.id in paths.get(customer.id, [customer.id])
            if not fits:
                raise UserError(
                    self.env._(
                        "%(document)s is of %(customer)s, which is not in the billing hierarchy of "
                        "%(payer)s. Leave it out, or change the billing parent first.",
                        document=item.move_id.display_name,
                        customer=customer.display_name,
                        payer=payer.display_name,
                    )
                )

    @api.private
    def _name_for(self, recipient, customer):
        """Return how a document for ``recipient`` names another customer; one query.

        By name for who may see its documents. Who is above is *your head office*, and all others
        are *another customer*: branches never read the names of head offices and sisters, whoever
        prints or sends what they get.

        :param recipient: the customer whose document it is
        :param customer: the customer that paid, or was paid for
        :rtype: str
        """
        recipient, customer = recipient.commercial_partner_id, customer.commercial_partner_id
        # sudo: only to learn which of both is above, for whoever prints the document.
        links = self.sudo().search(
            [
                ("ancestor_id", "in", (recipient | customer).ids),
                ("descendant_id", "in", (recipient | customer).ids),
                ("depth", ">", 0),
            ]
        )
        is_visible = links.ancestor_id == recipient and any(links.mapped("can_view"))
        if recipient == customer or is_visible:
            return customer.sudo().display_name
        if links and links.ancestor_id == customer:
            return self.env._("your head office")
        return self.env._("another customer")
