# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tools import SQL

#: The size of the hierarchy at first, and then; of which as many invoices are settled.
FEW, MANY, SETTLED = 10, 1000, 100


class GrowingHierarchy:
    """A head office that gets more branches, each with a posted invoice, by SQL: it is quick.

    Mixed into a class that has the fixtures of :class:`.common.AcmeCommon`.
    """

    def assert_same_queries(self, count, at_least, **values):
        """Count twice: with few branches and their documents, and with many.

        :param count: returns ``{what was opened: queries}``
        :param int at_least: more than so many are opened
        :param values: of the branches, see :meth:`grow`
        """
        self.make_documents(self.grow(FEW, **values))
        few = count()
        self.assertGreater(len(few), at_least)
        self.make_documents(self.grow(MANY - FEW, **values)[:SETTLED])
        many = count()
        more = {opened: (few[opened], many[opened]) for opened in few if few[opened] < many[opened]}
        self.assertFalse(more, "queries with 10 branches and with 1,000")

    def grow(self, number, **values):
        """Add ``number`` branches below HQ that are like N, each with an invoice like N's.

        :param values: of the branches, by the names of columns
        :return: their invoices
        """
        self.env.flush_all()
        self.env.cr.execute("CREATE TEMP TABLE IF NOT EXISTS grown (number int, id int, move int)")
        self.env.cr.execute("TRUNCATE grown")
        self.env.cr.execute(
            """
            INSERT INTO grown SELECT number, nextval('res_partner_id_seq'),
                                     nextval('account_move_id_seq')
                                FROM generate_series(1, %s) number
            """,
            [number],
        )
        customer, move = SQL("grown.id"), SQL("grown.move")
        label = SQL("'Branch ' || grown.id")
        self._copy_rows(
            self.north,
            id=customer,
            commercial_partner_id=customer,
            name=label,
            complete_name=label,
            **{name: SQL("%s", value) for name, value in values.items()},
        )
        of_customer = {"partner_id": customer, "commercial_partner_id": customer}
        number = SQL("source.name || '/' || grown.id")
        self._copy_rows(
            self.invoice_n, id=move, name=number, partner_shipping_id=customer, **of_customer
        )
        self._copy_rows(
            self.invoice_n.line_ids,
            id=SQL("nextval('account_move_line_id_seq')"),
            move_id=move,
            partner_id=customer,
        )
        self.env.invalidate_all()
        self.env.cr.execute("SELECT id, move FROM grown ORDER BY number")
        customer_ids, move_ids = zip(*self.env.cr.fetchall(), strict=True)
        self.env["customer.hierarchy.link"]._refresh(self.env["res.partner"].browse(customer_ids))
        self._analyze()
        return self.env["account.move"].browse(move_ids)

    def _copy_rows(self, records, **changes):
        columns = [
            name
            for name, field in records._fields.items()
            if field.store and field.column_type and not field.company_dependent
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s source, grown WHERE source.id = ANY(%s)",
                SQL.identifier(records._table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(
                    changes.get(name) or SQL("source.%s", SQL.identifier(name)) for name in columns
                ),
                SQL.identifier(records._table),
                records.ids,
            )
        )

    def make_documents(self, invoices):
        """Let HQ pay these invoices but the last, by a settlement, and announce a sum for all."""
        paid = invoices[:-1]
        payment = self._payment(self.hq, sum(paid.mapped("amount_residual")))
        lines = self._receivable_lines(paid | payment.move_id)
        lines.filtered(lambda line: not line.reconciled).reconcile()
        self.env["customer.remittance"].create(
            {
                "partner_id": self.hq.id,
                "line_ids": [
                    Command.create({"number": move.name, "amount": move.amount_total})
                    for move in invoices
                ],
            }
        ).action_match()
        # What is left over can be paid, settled, proposed.
        self._payment(self.hq, 10.0)
