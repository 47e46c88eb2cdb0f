"""Search for the least number of calls that moves accounts to their new codes and names."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count, product

Places = tuple[tuple[str, ...], ...]
"""What each account has: its code, or its code and name."""


def fewest_calls(start: Places, goal: Places) -> int:
    """Return the fewest calls from start to goal in which no code or name is taken twice.

    An A* search of all states: an account that differs from its goal needs at least one call.
    A call sets the code and name of one account to free ones, out of those of the start and
    the goal and a temporary one.
    """
    known = [{held[field] for held in (*start, *goal)} for field in range(len(start[0]))]
    best = {start: 0}
    ties = count()
    queue = [(_missing(start, goal), next(ties), start)]
    while True:
        _, _, state = heapq.heappop(queue)
        if state == goal:
            return best[state]
        for after in _moves(state, goal, known):
            calls = best[state] + 1
            if calls < best.get(after, calls + 1):
                best[after] = calls
                heapq.heappush(queue, (calls + _missing(after, goal), -next(ties), after))


def _missing(state: Places, goal: Places) -> int:
    return sum(held != wanted for held, wanted in zip(state, goal, strict=True))


def _moves(state: Places, goal: Places, known: list[set[str]]) -> Iterator[Places]:
    free = []
    for field, values in enumerate(known):
        taken = {held[field] for held in state}
        spare = next(f"spare {n}" for n in range(len(state) + 1) if f"spare {n}" not in taken)
        free.append([*sorted(values - taken), spare])
    for place, held in enumerate(state):
        if held == goal[place]:
            continue  # nobody else needs what it has: moving it gains nothing
        options = [[held[field], *values] for field, values in enumerate(free)]
        for after in product(*options):
            if after != held:
                yield (*state[:place], after, *state[place + 1 :])
