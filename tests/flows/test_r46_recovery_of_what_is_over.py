"""What a case knows to have been paid too much is asked back by a recovery slip, once: of a typed
sale that the till tells with less, of a refund that was paid twice, or beside its return (R46)."""

from __future__ import annotations

import json

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, NEVER, a_refund, logged_in, sell
from worlds.failures import failure_in
from worlds.told_outcomes import file_of, take_in
from worlds.typed import give, purchase, tell, type_in

from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.ports import NewPaper
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

CODE = receipt_code.remedy_code(identity.MERCHANT_ID, identity.TERMINAL_ID, 1)


def said(clerk: SimClerk) -> str:
    return " ".join(clerk.text.split())


async def to_case(clerk: SimClerk, which: int = 1) -> None:
    await clerk.home()
    clerk.press("menu", "4", "1")
    await clerk.at(f"case.list: {which}", "case.facts")


def asked(clerk: SimClerk) -> list[int]:
    """By the slips of all cases."""
    found = clerk.site.ledger.db.execute("SELECT amount FROM case_papers ORDER BY number")
    return [row[0] for row in found]


async def told_with_less(clerk: SimClerk) -> None:
    """Of 50.00, as it was typed, 40.00 went back; the till tells of 30.00."""
    purchase(clerk)
    await type_in(clerk)
    await give(clerk, 4_000)
    await tell(clerk, amount=3_000, terminal_id=identity.OTHER_TERMINAL_ID)


@pytest.mark.parametrize("language", Language)
def test_of_a_typed_sale_what_is_over_is_paid_at_the_till(language: Language) -> None:
    too_much, more = "¥10.00", "More than went back"
    unpaid, paid = "Not paid yet", "Paid by sale NEW"
    if language is Language.ZH_CN:
        more, unpaid, paid = "超出已退金额", "尚未付款", "已付,交易"

    @logged_in(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await told_with_less(clerk)
        (case,) = clerk.site.ledger.cases.open_ones()
        assert (case.kind, case.over) == (CaseKind.TYPED_DIFFERS, 1_000)
        await to_case(clerk)
        await clerk.at("case.facts: 2", "recovery.amount")  # the only remedy begins at once
        assert too_much in said(clerk)
        await clerk.at("recovery.amount: 1001 enter")
        await clerk.wait_text(more)
        await clerk.at(": 1000 enter", "recovery.done: enter", "case.facts")
        assert unpaid in said(clerk)
        await clerk.at("case.facts: 2", "case.remedy: enter", "case.facts")
        assert asked(clerk) == [1_000], "nothing is left to ask for"
        slips = [job.slip for job in clerk.site.ledger.slips.of_case(case.case_id)]
        assert {slip.head.barcode for slip in slips} == {CODE}
        await sell(clerk, "NEW", {"kind": "cash", "amount": 1_000}, recovery_no=CODE, **CASH)
        await to_case(clerk)
        assert paid in said(clerk)
        verify_store(clerk.site.ledger)

    story()


@logged_in()
async def test_of_its_refund_no_more_is_asked_back_than_went_out(clerk: SimClerk) -> None:
    """Of 40.00 that went back: 10.00 by the sale's case, then what is left by the refund's."""
    await told_with_less(clerk)
    await to_case(clerk)
    await clerk.at("case.facts: 2", "recovery.amount: 1000 enter", "recovery.done: enter")
    (refund,) = clerk.site.refunds_of("LATE")
    ledger = clerk.site.ledger
    number = await ledger.cases.open(refund.refund_id, CaseKind.AMOUNT_MUCH, "101")
    case = ledger.cases.by_id(number)
    assert case is not None
    assert ledger.case_papers.to_ask_back(case) == 3_000
    new = NewPaper(number, PaperKind.RECOVERY, 3_001, "CNY", "101", "slip")
    assert await failure_in(ledger.case_papers.add(new, lambda _: [])) == "recovery.too_much"


@logged_in(NEVER)
async def test_what_was_paid_twice_is_asked_back_once(clerk: SimClerk) -> None:
    await a_refund(clerk, "normal")
    record = json.loads(file_of(clerk))
    second = record | {"rrn": "632400008888", "reference": "P-2"}
    told = await take_in(clerk, json.dumps(record) + "\n" + json.dumps(second))
    assert told["paid_twice"] == 1
    await to_case(clerk)
    await clerk.at("case.facts: 2", "recovery.amount")
    assert "¥1.23" in said(clerk)
    await clerk.at("recovery.amount: 124 enter")
    await clerk.wait_text("More than went back")
    await clerk.at(": 123 enter", "recovery.done: enter", "case.facts: 2", "case.remedy: enter")
    assert asked(clerk) == [123]
    verify_store(clerk.site.ledger)
