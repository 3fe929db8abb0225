import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openMenu = (section, xmlid) => [
    {
        content: `Open ${section}`,
        trigger: `.o_menu_sections button[data-menu-xmlid='${section}']`,
        run: "click",
    },
    {
        content: `Open ${xmlid}`,
        trigger: `.o-dropdown--menu .dropdown-item[data-menu-xmlid='${xmlid}']`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("customer_org_reports", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open Invoicing",
            trigger: ".o_app[data-menu-xmlid='account.menu_finance']",
            run: "click",
        },
        ...openMenu("account.menu_finance_reports", "customer_org.menu_customer_aged_receivable"),
        {
            content: "The list comes first",
            trigger: ".o_list_view .o_group_header:contains(Acme HQ)",
        },
        {
            content: "Open the pivot",
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            content: "The pivot has a row per head office",
            trigger: ".o_pivot tbody tr:has(th:contains(Acme HQ)):contains('5,750.00')",
        },
        {
            content: "Unfold the head office",
            trigger: ".o_pivot tbody th:contains(Acme HQ)",
            run: "click",
        },
        {
            content: "By customer",
            trigger: ".o-dropdown--menu .dropdown-item:contains(/^Customer$/)",
            run: "click",
        },
        {
            content: "A row per branch",
            trigger: ".o_pivot tbody tr:has(th:contains(Acme S)):contains('2,500.00')",
        },
        {
            content: "Open the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Unfold the head office",
            trigger: ".o_group_header:contains(Acme HQ)",
            run: "click",
        },
        {
            content: "Open an invoice",
            trigger: ".o_data_row .o_data_cell:contains(Acme S)",
            run: "click",
        },
        {
            content: "It is the branch's",
            trigger: ".o_form_view .o_field_widget[name=partner_id]:contains(Acme S)",
        },
        ...openMenu("account.menu_finance_reports", "customer_org.menu_customer_settlement_report"),
        {
            content: "Who paid for whom",
            trigger: ".o_pivot tbody tr:has(th:contains(Acme N)):contains('3,000.00')",
        },
        ...openMenu("account.menu_finance_receivables", "customer_org.menu_customer_groups"),
        {
            content: "A card has revenue, what is due, and a graph",
            trigger:
                ".o_kanban_record:contains(Gold):contains('3,000.00') .o_field_widget[name=revenue_graph] canvas",
        },
    ],
});
