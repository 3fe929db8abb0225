import { registry } from "@web/core/registry";
import { expectClicks, startCounting } from "./click_counter";

registry.category("web_tour.tours").add("customer_org_portal_head_office", {
    url: "/my",
    steps: () => [
        {
            trigger: ".o_portal_index_card a[href='/my/organization']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#organization_totals:contains('5,500.00')" },
        { trigger: "tr:contains('Acme S') .badge:contains('View only'), tr:contains('Acme S') .badge .fa-eye" },
        {
            trigger: "table a:contains('Acme N')",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#organization_invoice_totals:contains('3,000.00')" },
        {
            trigger: "a[href^='/my/organization/pay?select=overdue&branch=']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_organization_pay .o_selected_sum:contains('3,000.00')" },
        { trigger: ".o_organization_pay input[name=invoice_ids]:first", run: "click" },
        { trigger: ".o_organization_pay button[type=submit]:disabled" },
        { trigger: ".o_organization_pay input.o_select_all", run: "click" },
        { trigger: ".o_organization_pay .o_selected_sum:contains('3,000.00')" },
        {
            trigger: ".o_organization_pay button[type=submit]:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#organization_payment tfoot:contains('3,000.00')" },
        { trigger: "#o_payment_form" },
    ],
});

registry.category("web_tour.tours").add("customer_org_portal_branch", {
    url: "/my",
    steps: () => [
        { trigger: ".o_portal_my_home:not(:has(a[href='/my/organization']))" },
        {
            trigger: ".o_portal_index_card a[href='/my/organization/access']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "input[name=access][value=view]", run: "click" },
        { trigger: "button:contains('Save')", run: "click", expectUnloadPage: true },
        { trigger: ".alert-success:contains('Saved')" },
        { trigger: "input[name=access][value=view]:checked" },
    ],
});

registry.category("web_tour.tours").add("customer_org_portal_pay_demo", {
    url: "/my/organization",
    steps: () => [
        startCounting,
        {
            trigger: "a[href='/my/organization/pay?select=overdue']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_organization_pay .o_selected_sum:contains('6,500.00')" },
        {
            trigger: ".o_organization_pay button[type=submit]:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#organization_payment tfoot:contains('6,500.00')" },
        { trigger: "#customer_input", run: "edit 1234" },
        {
            trigger: "button[name=o_payment_submit_button]:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains('Thank you.')" },
        { trigger: "#organization_paid tbody tr:contains('Acme N')" },
        { trigger: "#organization_paid tbody tr:contains('Acme S')" },
        expectClicks(4),
    ],
});
