/**
 * Steps that count what a person clicks, so that a tour fails when a screen asks for one more.
 *
 * Typing is no click, but going into a field is.
 */
let clicks = 0;
const count = () => clicks++;

export const startCounting = {
    content: "Count the clicks from here on",
    trigger: "body",
    run: () => {
        clicks = 0;
        document.removeEventListener("pointerdown", count, true);
        document.addEventListener("pointerdown", count, true);
    },
};

export const expectClicks = (most) => ({
    content: `It took at most ${most} clicks`,
    trigger: "body",
    run: () => {
        document.removeEventListener("pointerdown", count, true);
        if (clicks > most || !clicks) {
            throw new Error(`It took ${clicks} clicks, at most ${most} are expected`);
        }
    },
});
