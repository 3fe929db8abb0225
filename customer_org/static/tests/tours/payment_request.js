import { registry } from "@web/core/registry";

/** From the head office's form to a request that is sent. */
registry.category("web_tour.tours").add("customer_org_payment_request", {
    steps: () => [
        {
            content: "Open the page of the hierarchy",
            trigger: ".o_notebook .nav-link:contains(Billing Hierarchy)",
            run: "click",
        },
        {
            content: "Ask for what is due",
            trigger: "button[name=action_request_payment]",
            run: "click",
        },
        {
            content: "The draft has all invoices of the branches",
            trigger:
                ".o_field_widget[name=line_ids]:has(.o_data_row:contains('Acme N')):has(.o_data_row:contains('Acme W'))",
        },
        {
            content: "And their sum",
            trigger: ".o_field_widget[name=amount_total]:contains('8,750.00')",
        },
        {
            content: "Send it",
            trigger: ".o_statusbar_buttons button[name=action_send_request]:contains('Send')",
            run: "click",
        },
        {
            content: "It waits for the money",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Waiting')",
        },
        {
            content: "It can be sent again",
            trigger: ".o_statusbar_buttons button:contains('Send Again')",
        },
    ],
});

/** The money has come. */
registry.category("web_tour.tours").add("customer_org_payment_request_paid", {
    steps: () => [
        {
            content: "It is settled",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Settled')",
        },
        {
            content: "By this bank line",
            trigger: ".o_field_widget[name=statement_line_ids] .o_data_row:contains('8,750.00')",
        },
        {
            content: "Look at the settlement",
            trigger: "button[name=action_open_settlements]",
            run: "click",
        },
        {
            content: "Which paid the branches",
            trigger: ".o_form_view:contains('Acme N'), .o_list_view .o_data_row",
        },
    ],
});
