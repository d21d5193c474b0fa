"""Dealing out copies of a text among the comments that may have written them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def dealt(claims: Sequence[Sequence[int]], room: Mapping[int, int]) -> dict[int, int]:
    """Give as many claims as possible a place on one of their leads; earlier claims keep theirs.

    Parameters
    ----------
    claims : sequence of sequence of int
        The leads that each will do with.
    room : mapping of int to int
        The places on each lead.

    Returns
    -------
    dict of int to int
        The lead of each claim that has a place, by its position. A claim is left out only where no way of dealing
        gives it one beside those before it.

    Examples
    --------
    >>> dealt([[7, 8], [7], [7]], {7: 1, 8: 1})
    {0: 8, 1: 7}
    """
    place: dict[int, int] = {}
    held: dict[int, set[int]] = {lead: set() for lead in room}
    full: set[int] = set()
    for claim in range(len(claims)):
        # By which claim each lead was come to: those that hold a lead may move on to another.
        came_by: dict[int, int] = {}
        movers, free = [claim], None
        for mover in movers:
            for lead in claims[mover]:
                if lead in came_by or lead in full:
                    continue
                came_by[lead] = mover
                if len(held[lead]) < room[lead]:
                    free = lead
                    break
                movers += held[lead]
            if free is not None:
                break
        if free is None:
            # Nor will any place be free later on leads that are come to from each other alone.
            full.update(came_by)
        while free is not None:
            mover = came_by[free]
            left = place.get(mover)
            place[mover] = free
            held[free].add(mover)
            if left is not None:
                held[left].remove(mover)
            free = left
    return place
