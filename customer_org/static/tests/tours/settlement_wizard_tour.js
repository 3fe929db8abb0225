import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("customer_org_settlement_wizard", {
    steps: () => [
        {
            content: "Open the billing hierarchy of the head office",
            trigger: ".o_notebook a[name=billing_hierarchy]",
            run: "click",
        },
        {
            content: "Settle its branches' invoices",
            trigger: "button[name=action_settle_branches]",
            run: "click",
        },
        {
            content: "The credit is allocated to the oldest due invoices",
            trigger: ".o_field_widget[name=amount_left]:contains('0.00')",
        },
        {
            content: "Type less for the first invoice",
            trigger: ".o_field_widget[name=debt_ids] .o_data_row:first .o_data_cell[name=amount]",
            run: "click",
        },
        {
            content: "An amount of its own",
            trigger: ".o_field_widget[name=debt_ids] .o_data_row:first [name=amount] input",
            run: "edit 2500 && press Tab",
        },
        {
            content: "The totals follow at once",
            trigger: ".o_field_widget[name=amount_left]:contains('500.00')",
        },
        {
            content: "See what will be posted",
            trigger: "button[name=action_preview]",
            run: "click",
        },
        {
            content: "The branch's journal item has the typed amount",
            trigger: ".o_field_widget[name=leg_ids] .o_data_row:contains('Acme N'):contains('2,500.00')",
        },
        {
            content: "Why the rest is left out",
            trigger: ".o_notebook a[name=preview_skipped]",
            run: "click",
        },
        {
            content: "The reason is a sentence",
            trigger: ".o_field_widget[name=skipped_ids] .o_data_row:contains('No amount is given.')",
        },
        {
            content: "Post it",
            trigger: "button[name=action_post]",
            run: "click",
        },
        {
            content: "The settlement opens",
            trigger: ".o_field_widget[name=amount]:contains('3,500.00')",
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
    ],
});
