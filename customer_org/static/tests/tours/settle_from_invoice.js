import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("customer_org_settle_from_invoice", {
    steps: () => [
        {
            content: "Open the branch's invoice",
            trigger: ".o_data_row:contains(Acme N) .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "Apply the head office's payment",
            trigger:
                "tr:has(.open_account_move:contains('Acme HQ: ')) .outstanding_credit_assign",
            run: "click",
        },
        {
            content: "The invoice is paid by the head office: show by which payment",
            trigger:
                ".o_form_view:has(.ribbon:contains(Paid)) tr:has(.o_payment_label:contains(by Acme HQ)) .js_payment_info",
            run: "click",
        },
        {
            content: "It is the head office's payment in the bank's journal: remove the match",
            trigger: ".account_payment_popover:contains(Bank) .js_unreconcile_payment",
            run: "click",
        },
        {
            content: "The invoice is open and the credit is offered again",
            trigger:
                ".o_form_view:not(:has(.ribbon)):not(:has(.o_payment_label)) tr:has(.open_account_move:contains('Acme HQ: ')) .outstanding_credit_assign",
        },
    ],
});
