import { registry } from "@web/core/registry";
import { expectClicks, startCounting } from "./click_counter";

const branch = (name) => `.o_settlement_debts tbody:has(.o_settlement_branch:contains(${name}))`;
const posted = {
    content: "The settlement opens",
    trigger: ".o_form_view button[name=action_undo]",
};

registry.category("web_tour.tours").add("customer_org_settlement_wizard", {
    steps: () => [
        startCounting,
        {
            content: "Settle its branches' invoices",
            trigger: "button[name=action_settle_branches]",
            run: "click",
        },
        {
            content: "The title says who pays, and the credit is allocated to the oldest due",
            trigger:
                ".o_form_view:contains('Settle with credits of Acme HQ') [name=amount_left]:contains('0.00')",
        },
        {
            content: "An amount of its own for the first invoice",
            trigger: `${branch("Acme N")} input.o_settlement_amount`,
            run: "edit 2500 && press Tab",
        },
        {
            content: "The totals follow at once",
            trigger: "[name=amount_left]:contains('500.00')",
        },
        {
            content: "So does what will be posted",
            trigger: ".o_settlement_preview tr:contains('Acme N'):contains('2,500.00')",
        },
        {
            content: "Why the rest is left out is a sentence",
            trigger: ".o_settlement_skipped button:contains('No amount is given.')",
        },
        {
            content: "Another policy: what was typed stays, the rest follows",
            trigger: ".o_field_widget[name=policy] input, .o_field_widget[name=policy] select",
            run: "click",
        },
        {
            content: "Pro rata",
            trigger: ".o_select_menu_item:contains(Pro rata)",
            run: "click",
        },
        {
            content: "Pro rata of the others, and of the first what was typed",
            trigger:
                ".o_settlement_preview:has(tr:contains('Acme N'):contains('2,500.00')) tr:contains('Acme W'):contains('391.31')",
        },
        {
            content: "Post it",
            trigger: "button[name=action_post]",
            run: "click",
        },
        posted,
        expectClicks(5),
        {
            content: "Undo it",
            trigger: "button[name=action_undo]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is cancelled",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Cancelled')",
        },
    ],
});

registry.category("web_tour.tours").add("customer_org_own_choice", {
    steps: () => [
        startCounting,
        {
            content: "Settle from the payment",
            trigger: "button[name=action_settle_branches]",
            run: "click",
        },
        {
            content: "Start with nothing",
            trigger: ".o_settlement_clear:enabled",
            run: "click",
        },
        ...["Acme S", "Acme E", "Acme W"].map((name) => ({
            content: `All of ${name}`,
            trigger: `body:has(.o_settlement_clear:disabled, .o_settlement_row) ${branch(name)} .o_settlement_row input[type=checkbox]:not(:checked)`,
            run: "click",
        })),
        {
            content: "Part of North",
            trigger: `${branch("Acme N")} input.o_settlement_amount`,
            run: "edit 2900",
        },
        {
            content: "Post what was typed, though the field was not left",
            trigger: "button[name=action_post]",
            run: "click",
        },
        posted,
        expectClicks(7),
    ],
});

const openHeadOffice = {
    content: "Open the head office",
    trigger: ".o_data_row .o_data_cell[name=complete_name]:contains(/^Acme HQ$/)",
    run: "click",
};

registry.category("web_tour.tours").add("customer_org_wire_booked", {
    steps: () => [
        startCounting,
        openHeadOffice,
        {
            content: "Settle",
            trigger: "button[name=action_settle_branches]",
            run: "click",
        },
        {
            content: "Post the oldest due first",
            trigger: "body:has([name=amount_allocated]:contains('4,000.00')) button[name=action_post]",
            run: "click",
        },
        posted,
        expectClicks(3),
    ],
});

registry.category("web_tour.tours").add("customer_org_wire_not_booked", {
    steps: () => [
        startCounting,
        openHeadOffice,
        {
            content: "Who is billed under it",
            trigger: ".o_notebook a[name=billing_hierarchy]",
            run: "click",
        },
        {
            content: "Pay",
            trigger: "button[name=action_register_hierarchy_payment]",
            run: "click",
        },
        {
            content: "Amounts per invoice",
            trigger: ".modal .o_field_widget[name=is_amount_per_invoice] input",
            run: "click",
        },
        {
            content: "North pays 100 less",
            trigger: ".modal .o_pay_row:contains(Acme N) input.o_pay_amount",
            run: "edit 2900 && press Tab",
        },
        {
            content: "The sum is what is paid",
            trigger: ".modal .o_field_widget[name=amount] input:value(8,650.00)",
        },
        {
            content: "Register it",
            trigger: ".modal button[name=action_create_payments]:contains(Create Payment)",
            run: "click",
        },
        {
            content: "The payment is booked",
            trigger: "body:not(:has(.modal)) .o_form_view button[name=action_draft]",
        },
        expectClicks(8),
    ],
});

registry.category("web_tour.tours").add("customer_org_undo", {
    steps: () => [
        startCounting,
        {
            content: "Open the customers' menu",
            trigger: ".o_menu_sections button[data-menu-xmlid='account.menu_finance_receivables']",
            run: "click",
        },
        {
            content: "Open the settlements",
            trigger:
                ".o-dropdown--menu .dropdown-item[data-menu-xmlid='customer_org.menu_customer_settlement']",
            run: "click",
        },
        {
            content: "Open the settlement",
            trigger: ".o_data_row:contains('4,000.00') .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "Undo it",
            trigger: "button[name=action_undo]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is cancelled",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Cancelled')",
        },
        {
            content: "It still says what it was: what each invoice got then, and what it has now",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains('Acme N'):contains('3,000.00'):contains('0.00')",
        },
        expectClicks(5),
    ],
});

registry.category("web_tour.tours").add("customer_org_to_settle", {
    steps: () => [
        startCounting,
        {
            content: "The dashboard says how many wait",
            trigger: ".o_kanban_record a:contains('2 To Settle')",
            run: "click",
        },
        {
            content: "Choose all",
            trigger: ".o_list_view:has(.o_data_row:contains(Acme HQ)) th.o_list_record_selector input",
            run: "click",
        },
        {
            content: "Settle them",
            trigger: ".o_control_panel button[name=action_settle_all]",
            run: "click",
        },
        {
            content: "The preview counts",
            trigger: ".modal:contains('3 invoices are paid') button[name=action_post]",
            run: "click",
        },
        {
            content: "The settlements are listed",
            trigger: ".o_list_view .o_data_row:contains('4,000.00')",
        },
        expectClicks(4),
    ],
});
