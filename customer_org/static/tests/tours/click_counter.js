/**
 * Steps that count what a person clicks, so that a tour fails when a screen asks for one more.
 *
 * Typing is no click, but going into a field is. The count is the session's: it goes on when a click
 * leads to another page, as in the portal.
 */
const KEY = "customer_org_clicks";
const count = () => sessionStorage.setItem(KEY, Number(sessionStorage.getItem(KEY)) + 1);
const listen = () => document.addEventListener("pointerdown", count, true);

if (sessionStorage.getItem(KEY) !== null) {
    listen();
}

export const startCounting = {
    content: "Count the clicks from here on",
    trigger: "body",
    run: () => {
        sessionStorage.setItem(KEY, 0);
        listen();
    },
};

export const expectClicks = (most) => ({
    content: `It took at most ${most} clicks`,
    trigger: "body",
    run: () => {
        document.removeEventListener("pointerdown", count, true);
        const clicks = Number(sessionStorage.getItem(KEY));
        sessionStorage.removeItem(KEY);
        if (clicks > most || !clicks) {
            throw new Error(`It took ${clicks} clicks, at most ${most} are expected`);
        }
    },
});
