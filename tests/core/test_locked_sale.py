"""Nothing more is given back of a sale that was overpaid, or that has an open refund (R32)."""

from __future__ import annotations

import pytest
from worlds.past import NOTHING
from worlds.sales import AT, a_sale

from pos_terminal.core.decision import Answer, Phase
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.book import make_book
from pos_terminal.core.rules.facts import Facts
from pos_terminal.core.rules.state import Against, refusal
from pos_terminal.core.sale import Sale, SaleState, Tender, TenderKind


def sale(state: SaleState, locked: bool, held: int = 0) -> Sale:
    card = Tender(2, TenderKind.CARD, 5_000, held=held)
    return a_sale(Tender(1, TenderKind.CASH, 5_000), card, state=state, locked=locked)


@pytest.mark.parametrize("state", SaleState)
@pytest.mark.parametrize("defect", [False, True])
def test_a_locked_sale_is_denied_whatever_else_it_is(state: SaleState, defect: bool) -> None:
    locked = sale(state, locked=True)
    facts = Facts(locked, locked.tenders[0], Kind.CASH, 1, AT, reason="1", defect=defect)
    decision = make_book({}).decide(Phase.BEFORE_CARD, facts, NOTHING)
    assert decision.answer is Answer.DENY
    assert decision.strictest is not None
    assert decision.strictest.rule == "state"
    assert decision.strictest.against is Against.LOCKED


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (SaleState.APPROVED, None),
        (SaleState.UNCONFIRMED, Against.UNCONFIRMED),
        (SaleState.VOIDED, Against.VOIDED),
    ],
)
def test_a_sale_that_is_not_locked_is_refused_for_its_state(
    state: SaleState, why: Against | None
) -> None:
    assert refusal(sale(state, locked=False)) is why


@pytest.mark.parametrize("defect", [False, True])
def test_an_open_refund_blocks_every_leg_and_amount(defect: bool) -> None:
    blocked = sale(SaleState.APPROVED, locked=False, held=1)
    facts = Facts(blocked, blocked.tenders[0], Kind.CASH, 1, AT, reason="1", defect=defect)
    decision = make_book({}).decide(Phase.BEFORE_CARD, facts, NOTHING)
    assert decision.answer is Answer.DENY
    assert decision.strictest is not None
    assert decision.strictest.against is Against.OPEN_REFUND
    assert decision.strictest.figures["held"] == 1


def test_what_else_is_wrong_with_the_sale_is_said_first() -> None:
    assert refusal(sale(SaleState.VOIDED, locked=False, held=1)) is Against.VOIDED
    assert refusal(sale(SaleState.APPROVED, locked=True, held=1)) is Against.LOCKED
