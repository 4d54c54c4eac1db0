"""What somebody works on: one refund, one claim, and an end to it whatever comes."""

from __future__ import annotations

from typing import Any

import pytest

from pos_terminal.services.money.in_flight import InFlight


class Work:
    """As much of an intent as a claim looks at."""

    def __init__(self, refund_id: int) -> None:
        self.refund_id = refund_id


def work(refund_id: int) -> Any:
    return Work(refund_id)


def test_a_claim_holds_for_its_block_and_no_longer() -> None:
    flight, one, two = InFlight(), work(1), work(2)
    with flight.claim(one, two):
        assert (1 in flight, 2 in flight, 3 in flight) == (True, True, False)
        assert flight.get(1) is one
    assert (1 in flight, 2 in flight, flight.get(1)) == (False, False, None)


def test_a_claim_ends_with_the_error_that_ends_its_block() -> None:
    flight = InFlight()
    with pytest.raises(ValueError, match="a defect"), flight.claim(work(1)):
        raise ValueError("a defect")
    assert 1 not in flight


def test_nobody_claims_what_another_works_on() -> None:
    flight, first = InFlight(), work(1)
    with flight.claim(first):
        with pytest.raises(LookupError), flight.claim(work(2), work(1)):
            pytest.fail("claimed twice")
        assert (flight.get(1) is first, 2 in flight) == (True, False)


def test_what_is_sealed_anew_belongs_to_the_same_claim() -> None:
    flight, one = InFlight(), work(1)
    with flight.claim(work(5)):
        with flight.claim(one):
            one.refund_id = 2
            flight.follow(one)
            assert (flight.get(1) is one, flight.get(2) is one) == (True, True)
        assert (1 in flight, 2 in flight, 5 in flight) == (False, False, True)
