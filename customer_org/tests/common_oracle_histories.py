# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Random histories for the oracle: made from a seed, and shortened where one shows a difference."""

import time

from .common_oracle_world import DATES, DEPOT, EAST, HQ, INVOICE_TYPES, NORTH, SOUTH, WEST


def generate(random, number, further_steps=None):
    """Return a history of ``number`` steps: it makes documents, then does things with them.

    :param dict further_steps: weights by name of steps that not all walks make
    """
    numbers, steps = [], []

    def document():
        return random.choice(numbers)

    def units():
        return random.choice((1, 2, 3, 100, 33333, 100000, random.randint(1, 200000)))

    def customer():
        return random.choice((HQ, HQ, NORTH, NORTH, SOUTH, EAST, WEST, DEPOT))

    def date():
        return random.randrange(len(DATES))

    def make(name):
        numbers.append(len(numbers))
        where = (numbers[-1], customer(), units(), random.randrange(3), date())
        company, percent = random.randrange(3), random.choice((100, 100, 90, 105, 250))
        return {
            "invoice": lambda: (
                *(name, *where, random.randrange(len(INVOICE_TYPES)), company),
                *(random.random() < 0.3, random.choice((0, 0, 0, 0, 0, 1, 2))),
            ),
            "payment": lambda: (name, *where, company),
            "entry": lambda: (
                *(name, *where[:2], random.choice((1, -1)) * where[2], *where[3:]),
                *(company, percent),
            ),
            "bank_line": lambda: (name, *where, percent),
        }[name]()

    def reverse():
        numbers.append(len(numbers))
        return (random.choice(numbers[:-1]), numbers[-1])

    def register():
        chosen = [document() for _i in range(random.randint(2, 6))]
        numbers.append(len(numbers))
        return (numbers[-1], chosen, date())

    makers = ("invoice", "invoice", "invoice", "payment", "payment", "entry", "bank_line")
    actions = {
        "make": 6,
        "match": 9,
        "unmatch": 3,
        "unmatch_pair": 5,
        "register": 1.5,
        "cancel": 1,
        "reject": 0.6,
        "to_draft": 1,
        "post": 1,
        "redate": 1,
        "recustomer": 1,
        "reparent": 0.5,
        "merge": 0.2,
        "lock": 0.6,
        "exception": 0.4,
        **(further_steps or {}),
    }
    arguments = {
        "match": lambda: ([document() for _i in range(random.randint(3, 7))],),
        "unmatch": lambda: (document(),),
        "unmatch_pair": lambda: (document(), document()),
        "register": lambda: register(),
        "reject": lambda: (document(),),
        "cancel": lambda: (document(),),
        "to_draft": lambda: (document(),),
        "post": lambda: (document(),),
        "redate": lambda: (document(), date()),
        "recustomer": lambda: (document(), random.randrange(6)),
        "reparent": lambda: (random.choice((SOUTH, WEST, DEPOT)), random.choice((HQ, NORTH, EAST))),
        "merge": lambda: (random.choice((EAST, WEST)), random.choice((HQ, SOUTH))),
        "exception": lambda: (random.choice((True, True, False)),),
        "lock": lambda: (random.choice((False, "2026-01-31", "2026-01-31")),),
        "redate_posted": lambda: (document(), date()),
        "change_amount": lambda: (document(), units()),
        "change_account": lambda: (document(),),
        "reverse": lambda: reverse(),
        "settle_on_screen": lambda: (),
        "settle_automatically": lambda: (),
    }
    for place in range(number):
        name = random.choices(list(actions), actions.values())[0]
        if place < 4 or name == "make":
            steps.append(make(random.choice(makers)))
        else:
            steps.append((name, *arguments[name]()))
    return steps


def shrink(steps, fails, seconds=120):
    """Leave out steps, whole stretches first, as long as the history ``fails``.

    After ``seconds`` it is short enough.
    """
    end = time.monotonic() + seconds
    size = max(len(steps) // 2, 1)
    while True:
        place = 0
        while place < len(steps) and time.monotonic() < end:
            shorter = steps[:place] + steps[place + size :]
            if shorter and fails(shorter):
                steps = shorter
            else:
                place += size
        if size == 1:
            return steps
        size //= 2
