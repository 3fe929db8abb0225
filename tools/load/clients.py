"""The users of a server under load: portal users, accountants, and core's own beside them."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests

#: So long a client tries again what the server does not answer, in seconds.
PATIENCE = 90
REFUSALS = {
    "odoo.exceptions.UserError",
    "odoo.exceptions.ValidationError",
    "odoo.exceptions.AccessError",
    "odoo.exceptions.MissingError",
}


class Refused(Exception):
    """The server has understood, and says no."""


class Broken(Exception):
    """No answer, or one that says that the server can't do it now."""


class Failed(Exception):
    """An answer that should not be."""


@dataclass
class Record:
    """What became of all operations; the clients share it."""

    outcomes: Counter = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    confirmed: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter = field(default_factory=Counter)
    refusals: Counter = field(default_factory=Counter)


class Client(threading.Thread):
    """A user of the server, who logs in and does one of ``operations`` after the other.

    :param address: of the server
    :param database: the name of the database
    :param user: the login, which is the password, too
    :param customers: the ids of the customers to work on
    :param record: where to note what became of it
    """

    #: Whether this client uses core's own pages only.
    is_core = False

    def __init__(
        self, address: str, database: str, user: str, customers: list[int], record: Record
    ):
        super().__init__(daemon=True)
        self.address, self.database, self.user = address, database, user
        self.customers, self.record = customers, record
        self.random = random.Random(user)
        self.session = requests.Session()
        self.session.trust_env = False
        self.ready, self.stopped = threading.Event(), threading.Event()

    def operations(self) -> list[Callable[[], Any]]:
        raise NotImplementedError

    def run(self) -> None:
        self._attempt(self.log_in)
        self.ready.set()
        while not self.stopped.is_set():
            self._attempt(self.random.choice(self.operations()))

    def _attempt(self, operation: Callable[[], Any]) -> None:
        """Do it, again and again while the server is down; note time and outcome."""
        title = operation.__name__ + (" in core" if self.is_core else "")
        deadline = time.monotonic() + PATIENCE
        while True:
            start = time.monotonic()
            try:
                operation()
            except Refused as refusal:
                self.record.outcomes[title, "refused"] += 1
                self.record.refusals[str(refusal)[:100]] += 1
            except Broken as error:
                if time.monotonic() < deadline:
                    self.record.outcomes[title, "retried"] += 1
                    time.sleep(0.5)
                    if operation != self.log_in:
                        with suppress(Refused, Broken, Failed):
                            self.log_in()
                    continue
                self._note_failure(title, error)
            except Failed as error:
                self._note_failure(title, error)
            else:
                self.record.outcomes[title, "done"] += 1
                self.record.seconds[title].append(time.monotonic() - start)
            return

    def _note_failure(self, title: str, error: Exception) -> None:
        self.record.outcomes[title, "failed"] += 1
        self.record.failures[f"{title}: {error}"[:300]] += 1

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            response = self.session.request(method, self.address + path, timeout=120, **options)
        except requests.RequestException as error:
            raise Broken(type(error).__name__) from None
        if response.status_code >= 500:
            raise Broken(f"{response.status_code} {path}")
        return response

    def get(self, path: str) -> str:
        return self._request("GET", path).text

    def call(self, path: str, **params: Any) -> Any:
        """Call a JSON route and return its result."""
        response = self._request("POST", path, json={"jsonrpc": "2.0", "params": params})
        try:
            answer = response.json()
        except ValueError:
            # While there is no database, Odoo knows no such address and forgets who asked.
            raise Broken(f"{response.status_code} {path}, no JSON") from None
        if "error" not in answer:
            return answer.get("result")
        data = answer["error"].get("data", {})
        if data.get("name") in REFUSALS:
            raise Refused(data.get("message"))
        text = f"{path} {data.get('name')}: {data.get('message')}"
        # The latter is what core's page of a payment's state says where it is to be asked again.
        if str(data.get("name")).startswith("psycopg2.") or data.get("message") == "retry":
            raise Broken(text)
        raise Failed(text)

    def rpc(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.call(
            "/web/dataset/call_kw", model=model, method=method, args=args, kwargs=kwargs
        )

    def log_in(self) -> None:
        self.call(
            "/web/session/authenticate", db=self.database, login=self.user, password=self.user
        )

    def pay_by_demo(self, form: str, route: str, **params: Any) -> None:
        """Pay as the browser does, with core's demo provider; what is confirmed must be there."""
        options = re.search(r'name="o_payment_radio"[^>]*>', form)
        if not options:
            raise Refused("nothing to pay")
        found = dict(re.findall(r'data-(provider-id|payment-option-id)="(\d+)"', options.group(0)))
        transaction = self.call(
            route,
            provider_id=int(found["provider-id"]),
            payment_method_id=int(found["payment-option-id"]),
            token_id=None,
            flow="direct",
            tokenization_requested=False,
            landing_route="/my",
            **params,
        )
        self.call(
            "/payment/demo/simulate_payment",
            reference=transaction["reference"],
            payment_details="1234",
            simulated_state="done",
        )
        self.record.confirmed["transactions"].append(transaction["reference"])
        self.call("/payment/status/poll")
        self.record.confirmed["processed"].append(transaction["reference"])


class HeadOffice(Client):
    """A portal user of a head office."""

    def operations(self) -> list[Callable[[], Any]]:
        return [self.pay, self.wire, self.invoices, self.overview, self.statement]

    def _choose(self) -> tuple[list[str], str]:
        """Return the ids of some invoices, and the page that lets pay them."""
        ids = re.findall(r'name="invoice_ids"[^>]*value="(\d+)"', self.get("/my/organization/pay"))
        if not ids:
            raise Refused("nothing to pay")
        chosen = self.random.sample(ids, min(3, len(ids)))
        return chosen, self.get(f"/my/organization/pay?invoice_ids={','.join(chosen)}")

    def pay(self) -> None:
        chosen, form = self._choose()
        self.pay_by_demo(
            form, "/my/organization/pay/transaction", invoice_ids=[int(one) for one in chosen]
        )

    def wire(self) -> None:
        _chosen, page = self._choose()
        form = page.partition('action="/my/organization/pay/wire"')[2].partition("</form>")[0]
        if not form:
            raise Refused("nothing to announce")
        inputs = re.findall(r"<input[^>]*>", form)
        values = {
            name[1]: value[1]
            for one in inputs
            if (name := re.search(r'name="(\w+)"', one))
            and (value := re.search(r'value="([^"]*)"', one))
        }
        answer = self._request("POST", "/my/organization/pay/wire", data=values)
        found = re.search(r"/my/organization/remittances/(\d+)", answer.url)
        if not found:
            raise Refused("the transfer is not announced")
        self.record.confirmed["remittances"].append(int(found[1]))

    def invoices(self) -> None:
        self.get("/my/organization/invoices")

    def overview(self) -> None:
        self.get("/my/organization")

    def statement(self) -> None:
        self.get("/my/organization/statement")


class OrdinaryCustomer(Client):
    """A portal user of a customer in no hierarchy, on core's own pages."""

    is_core = True

    def operations(self) -> list[Callable[[], Any]]:
        return [self.pay, self.invoices, self.overview]

    def pay(self) -> None:
        ids = re.findall(r"/my/invoices/(\d+)", self.get("/my/invoices?filterby=invoices"))
        if not ids:
            raise Refused("nothing to pay")
        page = self.get(f"/my/invoices/{self.random.choice(ids)}?payment=True")
        form = re.search(r'<form[^>]*id="o_payment_form"[^>]*>', page)
        if not form:
            raise Refused("nothing to pay")
        found = dict(
            re.findall(r'data-(transaction-route|access-token|amount)="([^"]*)"', form.group(0))
        )
        self.pay_by_demo(
            page,
            found["transaction-route"],
            # None for who is logged in.
            access_token=found.get("access-token"),
            amount=float(found["amount"]),
        )

    def invoices(self) -> None:
        self.get("/my/invoices")

    def overview(self) -> None:
        self.get("/my/home")


class Accountant(Client):
    """Works on the credits of the head offices, with others at the same time."""

    def operations(self) -> list[Callable[[], Any]]:
        return [self.match, self.match, self.payment, self.undo, self.settle, self.transfer]

    def _find_open(self, sign: str, field_name: str, customer: int) -> list[dict[str, Any]]:
        domain = [
            (field_name, "=", customer),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("amount_residual", sign, 0),
        ]
        return self.rpc("account.move.line", "search_read", domain, ["move_id"], limit=20)

    def _choose_open(self) -> tuple[int, int]:
        """Return an open invoice of a branch, in core the customer's, and the latter's credit."""
        above = "partner_id" if self.is_core else "partner_id.billing_parent_id"
        customer = self.random.choice(self.customers)
        debts = self._find_open(">", above, customer)
        credits = self._find_open("<", "partner_id", customer)
        if not debts or not credits:
            raise Refused("nothing open")
        return self.random.choice(debts)["move_id"][0], self.random.choice(credits)["id"]

    def match(self) -> None:
        invoice, credit = self._choose_open()
        self.rpc("account.move", "js_assign_outstanding_line", [invoice], credit)

    def payment(self) -> None:
        values = {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.random.choice(self.customers),
            "amount": self.random.randint(50, 500),
        }
        payments = self.rpc("account.payment", "create", [values])
        self.rpc("account.payment", "action_post", payments)
        self.record.confirmed["payments"] += payments

    def transfer(self) -> None:
        """Receive the money of an announced transfer at the bank."""
        waiting = self.rpc(
            "customer.remittance",
            "search_read",
            [("state", "=", "waiting")],
            ["communication", "amount_total"],
            limit=20,
        )
        journals = self.rpc("account.journal", "search", [("type", "=", "bank")], limit=1)
        if not waiting:
            raise Refused("no transfer is announced")
        chosen = self.random.choice(waiting)
        values = {
            "journal_id": journals[0],
            "payment_ref": chosen["communication"],
            "amount": chosen["amount_total"],
        }
        self.record.confirmed["bank lines"] += self.rpc(
            "account.bank.statement.line", "create", [values]
        )

    def undo(self) -> None:
        settlements = self.rpc(
            "customer.settlement", "search", [("state", "=", "posted")], limit=20, order="id desc"
        )
        if not settlements:
            raise Refused("nothing to undo")
        chosen = self.random.choice(settlements)
        self.rpc("customer.settlement", "action_undo", [chosen])
        self.record.confirmed["undone"].append(chosen)

    def settle(self) -> None:
        customer = self.random.choice(self.customers)
        wizard = self.rpc("res.partner", "action_settle_branches", [customer])["res_id"]
        action = self.rpc("customer.settlement.wizard", "action_post", [wizard])
        if action["res_model"] == "customer.settlement":
            self.record.confirmed["settlements"] += (
                [action["res_id"]] if action.get("res_id") else action["domain"][0][2]
            )


class CoreAccountant(Accountant):
    """The same with customers in no hierarchy, by core alone."""

    is_core = True

    def operations(self) -> list[Callable[[], Any]]:
        return [self.match, self.match, self.payment, self.undo]

    def undo(self) -> None:
        partials = self.rpc(
            "account.partial.reconcile",
            "search_read",
            [("debit_move_id.partner_id", "in", self.customers)],
            ["debit_move_id"],
            limit=20,
            order="id desc",
        )
        if not partials:
            raise Refused("nothing to undo")
        chosen = self.random.choice(partials)
        (line,) = self.rpc("account.move.line", "read", [chosen["debit_move_id"][0]], ["move_id"])
        self.rpc(
            "account.move", "js_remove_outstanding_partial", [line["move_id"][0]], chosen["id"]
        )


class Listener(Client):
    """A browser that waits for events: it talks to the event worker."""

    is_core = True

    def operations(self) -> list[Callable[[], Any]]:
        return [self.events]

    def events(self) -> None:
        self.call("/websocket/peek_notifications", channels=[], last=0, is_first_poll=True)
        time.sleep(0.5)
