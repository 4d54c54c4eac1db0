"""Cases are opened by any slip of ours, and found again by theirs; none is opened twice (R45)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import in_each_language, logged_in, one_line

from pos_terminal.core.case import CaseKind
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.case_record import CaseRecord
from pos_terminal.wire.receipt.slip import Slip

SETTING = Setting(language=Language.EN)
WRONG = ("menu", "4", "4")


async def refund(clerk: SimClerk, amount: str = "1000") -> str:
    """The barcode of its slip."""
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: enter", f"refund.amount: {amount} enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: enter", "home")
    newest = clerk.site.ledger.refunds.recent(1)[0]
    return clerk.site.ledger.slips.of_refund(newest.refund_id)[0].slip.head.barcode


def cases(clerk: SimClerk) -> Sequence[dict[str, Any]]:
    """The first one first."""
    found = [dict(one) for one in overview(clerk.site.ledger.db)["cases"]]
    return sorted(found, key=lambda case: int(case["number"]))


async def went_wrong(clerk: SimClerk, code: str) -> None:
    await clerk.at(f": {' '.join(WRONG)}")
    clerk.scan(code)


@logged_in(SETTING)
async def test_the_slip_of_a_refund_leads_to_that_refund_of_several(clerk: SimClerk) -> None:
    await refund(clerk)
    second = await refund(clerk, "2000")
    await went_wrong(clerk, second)
    await clerk.at("case.kind: 2", "case.opened: enter", "case.facts: cancel", "home")
    (case,) = cases(clerk)
    assert (case["refund_id"], case["kind"]) == (2, "amount_much")


OPEN_ALREADY = {
    Language.ZH_CN: ("已有差错 退错账户 1", "差错 1 已在处理"),
    Language.EN: ("Open already To the wrong account 1", "Case 1 is open for it already"),
}


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_the_same_while_open_leads_there_and_after_it_to_a_new_one(
    clerk: SimClerk, language: Language
) -> None:
    listed, known = OPEN_ALREADY[language]
    await clerk.log_in()
    code = await refund(clerk)
    for _ in range(2):
        await went_wrong(clerk, code)
        await clerk.at("case.kind: 3", "case.opened: enter", "case.facts: cancel", "home")
    assert [one.case_id for one in clerk.site.ledger.cases.open_ones()] == [1]
    await went_wrong(clerk, code)
    await clerk.wait("case.kind")
    assert listed in one_line(clerk)
    await clerk.at("case.kind: 3", "case.opened")
    assert known in one_line(clerk)
    await clerk.at("case.opened: enter", "case.facts: enter", "case.reference: 2 0 2 6 enter")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.approve()
    await clerk.at("case.confirm_closing: enter", "case.closed: enter", "home")
    await went_wrong(clerk, code)
    await clerk.wait("case.kind")
    assert listed not in one_line(clerk)
    await clerk.at("case.kind: 3", "case.opened: enter", "case.facts: cancel", "home")
    assert [one["state"] for one in cases(clerk)] == ["closed", "open"]
    verify_store(clerk.site.ledger)


FOUND_BY = {
    Language.ZH_CN: {
        "customer": "发现人 顾客",
        "shop": "发现人 商户",
        "acquirer": "发现人 收单机构",
    },
    Language.EN: {
        "customer": "Found by Customer",
        "shop": "Found by Shop",
        "acquirer": "Found by Acquirer",
    },
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("keys", "kind", "found_by"),
    [
        ("1", "amount_little", "customer"),
        ("menu 1", "amount_little", "shop"),
        ("menu menu 5", "time", "acquirer"),
        ("menu 6", "complaint", "customer"),
    ],
)
@in_each_language()
async def test_who_found_it_is_kept(
    clerk: SimClerk, language: Language, keys: str, kind: str, found_by: str
) -> None:
    """A complaint is the customer's, whatever was set."""
    await clerk.log_in()
    await went_wrong(clerk, await refund(clerk))
    await clerk.at(f"case.kind: {keys}", "case.opened: enter", "case.facts")
    assert FOUND_BY[language][found_by] in one_line(clerk)
    case = clerk.site.ledger.cases.by_id(1)
    assert case is not None
    assert case.kind == kind


@logged_in(SETTING)
async def test_its_record_prints_at_any_time_and_leads_back(clerk: SimClerk) -> None:
    await went_wrong(clerk, await refund(clerk))
    await clerk.at("case.kind: 3", "case.opened: enter")
    await clerk.at("case.facts: 1", "case.step: 1", "case.text: 4 7 1 1 enter")
    await clerk.at("evidence.kind: menu", "case.next: 5 enter", "case.noted: enter")
    await clerk.at("case.facts: 3", "case.printing: enter", "case.facts: enter")
    await clerk.at("case.reference: 2 0 2 6 enter", "case.close: 1", "case.loss: 1")
    await clerk.at("case.loss_amount: 250 enter", "case.loss: enter")
    await clerk.approve()
    await clerk.at(
        "case.confirm_closing: enter", "case.closed: menu", "case.printing: enter", "home"
    )
    open_one, closed_one = clerk.site.ledger.slips.of_case(1)
    assert isinstance(open_one.slip.body, CaseRecord)
    assert open_one.slip.body.ended is None
    await clerk.site.until(lambda: "2.50" in clerk.papers[-1], 60, "the second record")
    paper = clerk.papers[-1]
    for fact in ("To the wrong account", "4711", "Closed", "2026", "2.50", "Typing"):
        assert fact in paper
    clerk.scan(closed_one.slip.head.barcode)
    await clerk.wait("case.facts")
    assert "Closed" in clerk.text
    await clerk.at("case.facts: 1")
    await clerk.at("case.facts: 3", "case.printing: enter", "case.facts: enter", "home")
    assert [one["state"] for one in cases(clerk)] == ["closed"]
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_more_cases_than_a_list_has_room_for_are_all_reached(
    clerk: SimClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await refund(clerk)
    (sale,) = clerk.site.ledger.sales.by_receipt(clerk.site.shop.sale("visa-older").receipt_no)
    kinds = (CaseKind.AMOUNT_LITTLE, CaseKind.GOODS, CaseKind.COMPLAINT)
    for kind in kinds:
        await clerk.site.ledger.cases.open_of_sale(sale.key, kind, "101", no_slips)
    read = clerk.site.ledger.cases.open_ones
    assert [one.kind for one in read()] == list(kinds)
    assert [one.kind for one in read(read()[0])] == list(kinds[1:])
    assert read(read()[-1]) == []
    monkeypatch.setattr("pos_terminal.flows.case.see_cases.AT_ONCE", 3)
    monkeypatch.setattr(clerk.site.ledger.cases, "open_ones", lambda after=None: read(after)[:3])
    await clerk.site.ledger.cases.open_of_sale(sale.key, CaseKind.SLIP_DISPUTED, "101", no_slips)
    await clerk.at(": menu", "menu: 4 1", "case.list: 4", "case.list: 1", "case.facts")
    assert "Slip disputed" in clerk.text


def no_slips(_: int) -> Sequence[Slip]:
    return ()
