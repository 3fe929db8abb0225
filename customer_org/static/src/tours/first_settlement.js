import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

const TOUR = "customer_org_first_settlement";

// Starts in the list of those who wait to be settled.
registry.category("web_tour.tours").add(TOUR, {
    steps: () => [
        {
            trigger: ".o_data_row button[name=action_settle]",
            content: _t(
                "These head offices have unspent money, and invoices of their branches are open. Settle the first one."
            ),
            tooltipPosition: "left",
            run: "click",
        },
        {
            trigger: ".o_settlement_preview h3",
            content: _t(
                "The oldest due is paid first. This is what will be posted: the money moves from the head office to the branches, so that every ledger stays right. Click here to go on."
            ),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: "button[name=action_post]",
            content: _t("Post it."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_form_view:has(button[name=action_undo]) button[name=action_open_move]",
            content: _t(
                "The invoices are paid. Undo, above, would open just these again. Look at the journal entry."
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: "button[name=action_open_customer_settlement]",
            content: _t("Each customer has its own line. Go back to the settlement."),
            tooltipPosition: "bottom",
            run: "click",
        },
    ],
});

/**
 * Client action: the list of those who wait, and the pointer on its first row.
 */
async function startFirstSettlement(env) {
    const { notification, orm, tour_service } = env.services;
    if (await orm.searchCount("customer.to.settle", [])) {
        await tour_service.startTour(TOUR, {
            mode: "manual",
            redirect: false,
            rainbowManMessage: _t("Settled, and every customer's ledger is right."),
        });
        if (!session.tour_enabled) {
            // Core turned tours on for this one; no other tour shall follow it.
            await orm.call("res.users", "switch_tour_enabled", [false]);
        }
    } else {
        notification.add(
            _t(
                "Nothing waits to be settled: put a branch under its head office, and register a payment of the head office first."
            ),
            { type: "info" }
        );
    }
    return "customer_org.action_customer_to_settle";
}

registry.category("actions").add(TOUR, startFirstSettlement);
