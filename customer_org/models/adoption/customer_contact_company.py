# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL


class CustomerContactCompany(models.Model):
    """Companies filed as contacts of companies, which Odoo 20 takes for the same customer.

    From 20.0 on the top of the contact tree is the customer: whoever is below it has no ledger,
    no portal and no place in a hierarchy of its own.

    Use: the list *Prepare for Odoo 20*; :meth:`action_take_out` on those that are customers.

    How it works: one query over the companies that have a company above them, by the rights of
    who looks; receivables count in the chosen companies.
    """

    _name = "customer.contact.company"
    _description = "Company Filed as a Contact"
    _auto = False
    _order = "item_count desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Company", readonly=True)
    parent_id = fields.Many2one("res.partner", string="Contact of", readonly=True)
    item_count = fields.Integer(string="Receivable Items", readonly=True)
    user_count = fields.Integer(string="Portal Users", readonly=True)
    in_hierarchy = fields.Boolean(string="In a Hierarchy", readonly=True)
    customer_group_id = fields.Many2one("customer.group", string="Group", readonly=True)
    consequence = fields.Text(string="What Odoo 20 Makes of It", compute="_compute_consequence")

    @property
    def _table_query(self):
        partners = self.env["res.partner"].with_context(active_test=False)
        partners.flush_model(
            ["parent_id", "commercial_partner_id", "billing_parent_id", "customer_group_id"]
        )
        self.env["account.move.line"].flush_model(["partner_id", "parent_state", "account_id"])
        return SQL(
            """
            SELECT * FROM (
                SELECT company.id, company.id AS partner_id,
                       above.commercial_partner_id AS parent_id, company.customer_group_id,
                       (
                            SELECT COUNT(*)
                              FROM res_partner contact
                              JOIN account_move_line line ON line.partner_id = contact.id
                              JOIN account_account account ON account.id = line.account_id
                             WHERE contact.commercial_partner_id = company.id
                               AND account.account_type = 'asset_receivable'
                               AND line.parent_state = 'posted'
                               AND line.company_id = ANY(%(company_ids)s)
                       ) AS item_count,
                       (
                            SELECT COUNT(*)
                              FROM res_partner contact
                              JOIN res_users ON res_users.partner_id = contact.id
                             WHERE contact.commercial_partner_id = company.id
                               AND res_users.share AND res_users.active
                       ) AS user_count,
                       EXISTS (
                            SELECT FROM customer_hierarchy_link link
                             WHERE link.ancestor_id = company.id AND link.depth = 0
                       ) AS in_hierarchy
                  FROM res_partner company
                  JOIN res_partner above ON above.id = company.parent_id
                 WHERE company.commercial_partner_id = company.id
                   AND above.commercial_partner_id != company.id
                   AND company.id IN %(visible)s
            ) filed
             WHERE item_count > 0 OR user_count > 0 OR in_hierarchy
                OR customer_group_id IS NOT NULL
            """,
            company_ids=self.env.companies.ids,
            visible=partners._search([("parent_id", "!=", False)]).subselect(),
        )

    @api.depends("partner_id", "parent_id")
    def _compute_consequence(self):
        for company in self:
            parent = company.parent_id.display_name
            texts = []
            if company.item_count:
                texts.append(
                    self.env._(
                        "%(count)s receivable items become those of %(parent)s.",
                        count=company.item_count,
                        parent=parent,
                    )
                )
            if company.user_count:
                texts.append(
                    self.env._(
                        "%(count)s portal users see what %(parent)s sees.",
                        count=company.user_count,
                        parent=parent,
                    )
                )
            if company.in_hierarchy:
                texts.append(self.env._("Its place in the billing hierarchy is lost."))
            if company.customer_group_id:
                texts.append(
                    self.env._("The group %s counts no more.", company.customer_group_id.name)
                )
            company.consequence = " ".join(texts)

    def action_take_out(self):
        """Take these companies out of the contact tree, into the billing hierarchy.

        Who has no billing parent yet is billed under the company whose contact it was. What portal
        users of that one see stays the same: where it has some, they get the consent that the
        contact tree was.

        :return: the action of the update
        :raises AccessError: for all but invoicing managers
        """
        updates = self.env["customer.hierarchy.update"]
        updates._check_rights()
        return updates._start("contacts", self._get_wanted())._get_open_action()

    def _get_wanted(self):
        """Return ``{customer: values}`` of what these become; asked about all at once."""
        with_viewers = self._get_parents_with_viewers()
        wanted = {}
        for company in self:
            values = wanted[company.partner_id] = {"parent_id": False}
            if not company.partner_id.billing_parent_id:
                values["billing_parent_id"] = company.parent_id.id
        # Who can't be billed under the company whose contact it was, such as its own head office,
        # stands alone then; where users would lose sight of it, it is refused instead.
        unseen = self.filtered(lambda company: company.parent_id not in with_viewers).partner_id
        classified = self.env["customer.hierarchy.update"]._classify(
            {customer: wanted[customer] for customer in unseen}
        )
        for customer, result, _reason in classified:
            if result == "skip":
                wanted[customer] = {"parent_id": False}
        for company in self:
            customer, parent = company.partner_id, company.parent_id
            values = wanted[customer]
            if values.get("billing_parent_id", customer.billing_parent_id.id) == parent.id:
                values["billing_parent_access"] = (
                    "pay" if parent in with_viewers else customer.billing_parent_access
                )
        return wanted

    def _get_parents_with_viewers(self):
        """Return those companies above whose portal users see these by the contact tree."""
        # sudo: whether there are portal users decides who goes on seeing what they see now.
        users = self.env["res.users"].sudo()
        domain = [
            ("share", "=", True),
            ("partner_id.commercial_partner_id", "in", self.parent_id.ids),
        ]
        return users.search(domain).partner_id.commercial_partner_id.sudo(False)
