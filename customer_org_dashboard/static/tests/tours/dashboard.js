import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("customer_org_dashboard", {
    steps: () => [
        {
            content: "Open the dashboard",
            trigger: ".o_search_panel li:contains(Customer Organization)",
            run: "click",
        },
        {
            content: "It is drawn, figures and all",
            trigger: ".o-spreadsheet:has(.o-figure canvas)",
        },
        {
            content: "Nothing went wrong",
            trigger: "body:not(:has(.o_error_dialog))",
        },
    ],
});
