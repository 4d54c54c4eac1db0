"""Papers of cases have one row of numbers, whatever kind they are (R46, R47a)."""

from __future__ import annotations

import pytest
from worlds.ledger import World

from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.case_step import StepKind
from pos_terminal.core.payout import PayoutFor, PayoutKind, PayoutLimits
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, CasePaper, NewPaper, NewPayout
from pos_terminal.services.proof.verify import verify_store


def open_case(world: World, kind: CaseKind) -> int:
    number: int = world.do(
        world.store.cases.open_of_sale(world.sale().key, kind, "101", lambda _: ())
    )
    return number


def issue(world: World, case_id: int, kind: PaperKind, amount: int = 0) -> CasePaper:
    new = NewPaper(case_id, kind, amount, "156", "101", "told")
    slip = world.slip(case=case_id, application=0)
    number = world.do(world.store.case_papers.add(new, lambda _: [slip]))
    paper = world.store.case_papers.by_number(number)
    assert paper is not None
    return paper


def pay_out(world: World, case_id: int) -> int:
    now = world.clock.now()
    first, second = (Approval(one, f"N{one}", now, 500, "payout") for one in ("201", "202"))
    new = NewPayout(
        *(case_id, PayoutFor.FREIGHT, PayoutKind.CASH, 500, "156", "101", (first, second), "paid")
    )
    made = world.store.payouts.pay_out(new, PayoutLimits(500, 500), lambda *_: ())
    return int(world.do(made).payout_id)


def test_no_two_papers_have_one_number_whatever_their_kinds(sold: World) -> None:
    much, goods = open_case(sold, CaseKind.AMOUNT_MUCH), open_case(sold, CaseKind.GOODS)
    slip = issue(sold, much, PaperKind.ENQUIRY, 700)
    paid = pay_out(sold, goods)
    claim = issue(sold, goods, PaperKind.CLAIM)
    assert [slip.number, paid, claim.number] == [1, 2, 3]
    reads = sold.store.case_papers
    assert [one.kind for one in reads.of_case(goods)] == [PaperKind.PAYOUT, PaperKind.CLAIM]
    found = reads.by_number(1)
    assert found is not None
    assert (found.case_id, found.amount) == (much, 700)
    verify_store(sold.store)


def test_it_is_one_commit_with_its_step_and_slips(sold: World) -> None:
    case = open_case(sold, CaseKind.GOODS)
    issue(sold, case, PaperKind.CLAIM)
    (step,) = sold.store.cases.steps(case)
    assert (step.kind, step.text) == (StepKind.SLIP, "told #1")
    assert len(sold.store.slips.of_case(case)) == 1


def test_a_case_that_was_closed_gets_none(sold: World) -> None:
    case = open_case(sold, CaseKind.GOODS)
    sold.store.writer.db.execute(
        "UPDATE cases SET state = 'closed', closed_at = opened_at WHERE case_id = ?", (case,)
    )
    with pytest.raises(Failure, match=r"cases\.closed"):
        issue(sold, case, PaperKind.CLAIM)
    assert sold.store.case_papers.by_number(1) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_papers SET amount = 1",
        "UPDATE case_papers SET kind = 'claim'",
        "DELETE FROM case_papers",
    ],
)
def test_a_change_behind_the_ledgers_back_is_seen(sold: World, change: str) -> None:
    issue(sold, open_case(sold, CaseKind.AMOUNT_MUCH), PaperKind.ENQUIRY, 700)
    sold.store.writer.db.execute(change)
    with pytest.raises(Failure, match=r"ledger\.tampered"):
        verify_store(sold.store)
