"""What Odoo's shell does before and after the load; it prints RESULT and JSON."""

PREPARE = """
import datetime, json, os
from odoo.fields import Command
count, accountants = int(os.environ["LOAD_COUNT"]), int(os.environ["LOAD_ACCOUNTANTS"])
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", True)
quiet = {"tracking_disable": True, "mail_create_nolog": True, "no_reset_password": True}
env = env(context={**env.context, **quiet})
company.email = "seller@example.com"
provider = env.ref("payment.payment_provider_demo")
bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
provider.write({"state": "test", "is_published": True, "journal_id": bank.id})
# Those of a new database all run at once, and housekeeping takes a minute.
crons = env["ir.cron"].search([])
ours = env["ir.model.data"].search([("model", "=", "ir.cron"), ("module", "=", "customer_org")])
crons.filtered(lambda cron: cron.id not in ours.mapped("res_id")).active = False
env.ref("mail.ir_cron_mail_scheduler_action").active = True
today = datetime.date.today()

def create_customers(names, **values):
    return env["res.partner"].create([
        {"name": name, "is_company": True, "email": f"{name.replace(' ', '')}@example.com",
         **values} for name in names])

def bill(customers, number):
    moves = env["account.move"].create([
        {"move_type": "out_invoice", "partner_id": customer.id,
         "invoice_date": today - datetime.timedelta(days=40),
         "invoice_date_due": today - datetime.timedelta(days=at % 30),
         "invoice_payment_term_id": False,
         "invoice_line_ids": [Command.create(
             {"name": "Service", "price_unit": 100.0 + at, "tax_ids": []})]}
        for customer in customers for at in range(number)])
    moves.action_post()

def pay(customers, number):
    payments = env["account.payment"].create([
        {"payment_type": "inbound", "partner_type": "customer", "partner_id": customer.id,
         "amount": 200.0 + at, "date": today} for customer in customers for at in range(number)])
    payments.action_post()

def log_in(customers, login):
    contacts = env["res.partner"].create([
        {"name": f"User of {customer.name}", "parent_id": customer.id} for customer in customers])
    env["res.users"].create([
        {"login": f"{login}{at}", "password": f"{login}{at}", "partner_id": contact.id,
         "group_ids": [Command.set(env.ref("base.group_portal").ids)]}
        for at, contact in enumerate(contacts)])
    return [f"{login}{at}" for at in range(len(contacts))]

head_offices = create_customers([f"Head Office {at}" for at in range(count)])
head_offices.write({"billing_auto_settle": True, "statement_monthly": True})
branches = env["res.partner"].union(*(
    create_customers([f"{parent.name} Branch {at}" for at in range(3)],
                     billing_parent_id=parent.id, billing_parent_access="pay")
    for parent in head_offices))
ordinary = create_customers([f"Ordinary {at}" for at in range(count)])
bill(branches, 10)
bill(ordinary, 30)
pay(head_offices | ordinary, 10)
users = env["res.users"].create([
    {"name": f"Accountant {at}", "login": f"accountant{at}", "password": f"accountant{at}",
     "group_ids": [Command.set(
         (env.ref("account.group_account_manager") | env.ref("account.group_account_basic")
          | env.ref("base.group_user")).ids)]}
    for at in range(accountants)])
result = {
    "head_offices": head_offices.ids, "ordinary": ordinary.ids,
    "accountants": users.mapped("login"),
    "head_office_users": log_in(head_offices, "head"),
    "ordinary_users": log_in(ordinary, "ordinary"),
}
env.cr.commit()
env.cr.execute("ANALYZE")
env.cr.commit()
print("RESULT", json.dumps(result))
"""

CHECK = """
import json, os
confirmed = json.loads(os.environ["LOAD_CONFIRMED"])
problems = []

def missing(kind, found):
    lost = set(confirmed.get(kind, ())) - set(found)
    problems.extend(f"{kind}: {one}" for one in sorted(lost))

transactions = env["payment.transaction"].search([("state", "=", "done")])
missing("transactions", transactions.mapped("reference"))
processed = transactions.filtered(lambda tx: tx.is_post_processed and tx.payment_id
    and tx.payment_id.amount == tx.amount and tx.payment_id.move_id.state == "posted")
missing("processed", processed.mapped("reference"))
for tx in transactions - processed:
    tx._post_process()
posted = env["account.payment"].search([("move_id.state", "=", "posted")])
missing("payments", posted.ids)
problems += [f"paid twice: {payment.name}" for payment in posted.payment_transaction_id.filtered(
    lambda tx: len(posted.filtered(lambda payment: payment.payment_transaction_id == tx)) > 1)]
missing("bank lines", env["account.bank.statement.line"].search([]).ids)
missing("remittances", env["customer.remittance"].search([]).ids)
settlements = env["customer.settlement"].search([])
missing("settlements", settlements.ids)
missing("undone", settlements.filtered(lambda one: one.state == "cancelled").ids)
env["customer.statement.mail"]._cron_send()
env["customer.receivable.finding"]._cron_check()
problems += [f"Receivables Check: {finding.display_name} {finding.amount}"
             for finding in env["customer.receivable.finding"].search([])]
# Nobody's item is paid or spent more than it is worth, and no entry is out of balance.
queries = {
    "overspent item": '''
        SELECT line.id FROM account_move_line line
          JOIN account_account account ON account.id = line.account_id
         WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted'
           AND (line.balance * line.amount_residual < 0
                OR abs(line.amount_residual) > abs(line.balance) + 0.005)''',
    "residual is not what is matched": '''
        SELECT line.id FROM account_move_line line
          JOIN account_account account ON account.id = line.account_id
         WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted'
           AND abs(line.amount_residual - line.balance
                   + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                WHERE debit_move_id = line.id), 0)
                   - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                WHERE credit_move_id = line.id), 0)) > 0.005''',
    "unbalanced entry": '''
        SELECT move_id FROM account_move_line GROUP BY move_id
        HAVING abs(SUM(balance)) > 0.005''',
    "statement neither sent nor reported": '''
        SELECT partner.id FROM res_partner partner
         WHERE partner.statement_monthly
           AND partner.statement_sent_until IS NULL
           AND NOT EXISTS (SELECT FROM customer_mail_delivery delivery
                            WHERE delivery.partner_id = partner.id)
           AND NOT EXISTS (SELECT FROM customer_statement_mail mail
                            WHERE mail.partner_id = partner.id)''',
}
env.flush_all()
for title, query in queries.items():
    env.cr.execute(query)
    problems += [f"{title}: {row[0]}" for row in env.cr.fetchall()]
deliveries = env["customer.mail.delivery"]._read_group([], ["state"], ["__count"])
print("RESULT", json.dumps({
    "problems": problems,
    "statements": dict(deliveries),
    "settlements": dict(env["customer.settlement"]._read_group([], ["state"], ["__count"])),
}))
"""
