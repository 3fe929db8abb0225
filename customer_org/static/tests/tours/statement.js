import { registry } from "@web/core/registry";
import { expectClicks, startCounting } from "./click_counter";

/** From the head office's form to its statement, and on to a document. */
registry.category("web_tour.tours").add("customer_org_statement", {
    steps: () => [
        {
            content: "Ask for the statement",
            trigger: "button[name=action_open_statement_wizard]",
            run: "click",
        },
        {
            content: "Branches are included by default: choose the open items",
            trigger:
                ".o_form_view:has(.o_field_widget[name=include_branches] input:checked) .o_field_widget[name=presentation] input[data-value=open]",
            run: "click",
        },
        {
            content: "The balance is that of the whole hierarchy",
            trigger: ".o_statement_preview .o_statement_closing:contains('4,750.00')",
        },
        {
            content: "Open a branch's invoice from it",
            trigger:
                ".o_statement_preview tr:contains('3,000.00') span[res-model='account.move']",
            run: "click",
        },
        {
            content: "It is the invoice",
            trigger:
                ".o_form_view .o_field_widget[name=partner_id]:contains(Acme N), .o_form_view .o_field_widget[name=partner_id] input:value(Acme N)",
        },
    ],
});

/** Last month's statement, looked at and sent, from the list of customers: five clicks. */
registry.category("web_tour.tours").add("customer_org_statement_clicks", {
    steps: () => [
        startCounting,
        {
            content: "Open the head office",
            trigger: ".o_data_row:contains(Acme HQ) .o_data_cell:contains(Acme HQ)",
            run: "click",
        },
        {
            content: "Ask for the statement",
            trigger: "button[name=action_open_statement_wizard]",
            run: "click",
        },
        {
            content: "Of last month",
            trigger: ".o_field_widget[name=period] .o_selection_badge:contains(Last Month)",
            run: "click",
        },
        {
            content: "Look at it",
            trigger: ".o_statement_preview .o_statement_closing",
        },
        {
            content: "Send it",
            trigger: ".o_statusbar_buttons button[name=action_send]",
            run: "click",
        },
        {
            content: "The PDF is attached",
            trigger: ".modal .o_field_widget[name=attachment_ids]:contains(Statement of Account)",
        },
        {
            content: "Send the mail",
            trigger: ".modal button[name=action_send_mail]:enabled",
            run: "click",
        },
        {
            content: "It went",
            trigger: "body:not(:has(.modal))",
        },
        expectClicks(5),
    ],
});
