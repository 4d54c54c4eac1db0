"""A refund and a void that the acquirer answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import Failure, say

World = Any
Tell = Callable[..., Any]


def test_a_refund_is_paid_once_and_recorded_with_its_slips(tell: Tell) -> None:
    async def story(world: World) -> None:
        result = await world.give_back(5_000)
        refund = result.refund
        assert (refund.state, refund.done, refund.response) == (State.ACCEPTED, 5_000, "00")
        assert result.words == say("response.c00")
        assert world.paid() == 5_000
        assert world.slips(refund.refund_id) == ["refund merchant", "refund customer"]
        assert (world.held(), world.ledger.sale("S-1").done) == (0, 5_000)
        (entry,) = [one for one in world.acquirer.ledger() if one["kind"] == "refund"]
        assert (entry["stan"], entry["rrn"]) == (refund.stan, refund.rrn)
        assert entry["original_rrn"] == "630012345678"

    tell(story)
