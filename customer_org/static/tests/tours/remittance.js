import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("customer_org_remittance", {
    steps: () => [
        {
            content: "Import a list",
            trigger: ".o_list_view button:contains('Import a List')",
            run: "click",
        },
        {
            content: "The payer",
            trigger: ".modal .o_field_widget[name=partner_id] input",
            run: "edit Acme HQ",
        },
        {
            content: "Choose it",
            trigger: ".modal .o-autocomplete--dropdown-item:contains('Acme HQ')",
            run: "click",
        },
        {
            content: "Paste the list of the mail",
            trigger: ".modal .o_field_widget[name=text] textarea",
            async run(helpers) {
                await helpers.edit("Invoice;Paid\nTOUR/1;3000.00\nTOUR/2;2500.00\nTotal;5500.00");
                await helpers.press("Tab");
            },
        },
        {
            content: "The preview has the lines and their sum",
            trigger: ".modal .o_remittance_preview:contains('TOUR/2'):contains('5,500.00'):contains('That is the total of the list')",
        },
        {
            content: "Import",
            trigger: ".modal button[name=action_import]",
            run: "click",
        },
        {
            content: "Both documents are found",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('TOUR/2'):contains('Ready')",
        },
        {
            content: "The payment with just that sum is proposed",
            trigger: ".o_field_widget[name=credit_line_ids] .o_tag",
        },
        {
            content: "Settle",
            trigger: "button[name=action_settle]",
            run: "click",
        },
        {
            content: "It is settled",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Settled')",
        },
        {
            content: "Its settlement is one click away",
            trigger: "button[name=action_open_settlements]",
        },
    ],
});
