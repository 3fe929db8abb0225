# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a set of changes of billing parents comes to, before anything is written. No ORM here."""

from collections.abc import Collection, Mapping


def find_cycles(parent_of: Mapping[int, int | None], changed: Collection[int]) -> set[int]:
    """Return those of ``changed`` that would come to be above themselves.

    :param parent_of: the parent of each customer as it would be; tops may be missing
    :param changed: customers whose parent changes

    >>> find_cycles({1: 2, 2: 3, 4: 2}, [1, 4])
    set()
    >>> sorted(find_cycles({1: 2, 2: 3, 3: 1, 4: 1}, [1, 3, 4]))
    [1, 3]
    >>> find_cycles({5: 5}, [5])
    {5}
    """
    cyclic: set[int] = set()
    settled: set[int] = set()
    for start in changed:
        path: dict[int, None] = {}
        node: int | None = start
        while node is not None and node not in settled and node not in path:
            path[node] = None
            node = parent_of.get(node)
        if node in path:
            nodes = list(path)
            cyclic.update(nodes[nodes.index(node) :])
        settled.update(path)
    return cyclic.intersection(changed)


def sort_top_down(parent_of: Mapping[int, int | None], changed: Collection[int]) -> list[int]:
    """Return ``changed`` so that each comes after those above it.

    Written in this order, no customer is ever, not even for a moment, above itself.

    >>> sort_top_down({1: 2, 2: 3, 3: 9}, [1, 2, 3])
    [3, 2, 1]
    """
    depths: dict[int, int] = {}

    def get_depth(node: int) -> int:
        path = []
        current: int | None = node
        while current is not None and current not in depths:
            path.append(current)
            current = parent_of.get(current)
        depth = depths[current] if current is not None else -1
        for member in reversed(path):
            depth += 1
            depths[member] = depth
        return depths[node]

    return sorted(changed, key=get_depth)
