import { registry } from "@web/core/registry";
import { expectClicks, startCounting } from "./click_counter";

registry.category("web_tour.tours").add("customer_org_portal_wire", {
    url: "/my/organization",
    steps: () => [
        startCounting,
        {
            trigger: "a[href='/my/organization/pay?select=overdue']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_organization_pay .o_selected_sum:contains('5,500.00')" },
        {
            trigger: ".o_organization_pay button[type=submit]:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#organization_pay_wire button:contains('Announce'):contains('5,500.00')",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains('Announced.')" },
        expectClicks(3),
        { trigger: "#remittance_transfer:contains('5,500.00') .o_remittance_reference:contains('RF')" },
        { trigger: "#remittance_lines tr:contains('Acme N')" },
        { trigger: "#remittance_lines tr:contains('Acme S')" },
    ],
});

registry.category("web_tour.tours").add("customer_org_portal_wire_paid", {
    url: "/my/organization",
    steps: () => [
        {
            trigger: "a[href='/my/organization/remittances']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "tr:contains('5,500.00') a[href^='/my/organization/remittances/']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains('Thank you.')" },
        { trigger: "body:not(:has(#remittance_transfer))" },
        { trigger: "#remittance_lines tr:contains('Acme N'):contains('Paid')" },
    ],
});
