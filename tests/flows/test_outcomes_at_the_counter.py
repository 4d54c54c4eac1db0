"""The acquirer's file beside a clerk at work: slips, screens, and the case of a contradiction."""

from __future__ import annotations

import json
from typing import Any

from hw_sim.acquirer.outcome_file import outcome_file
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.rest import come_to_rest
from worlds.counter import NEVER, a_refund, logged_in

from pos_terminal.core.refund import State


def file_of(clerk: SimClerk) -> str:
    return outcome_file(clerk.site.acquirer.book.entries(), None, as_csv=False)


async def take_in(clerk: SimClerk, text: str) -> dict[str, Any]:
    verb = clerk.site.terminal.verbs["import-outcomes"]
    answer = await verb({"text": text, "source": "1121.jsonl"})
    report: dict[str, Any] = answer["report"]
    return report


@logged_in(NEVER)
async def test_the_file_concludes_it_prints_the_slips_and_the_money_is_equal(
    clerk: SimClerk,
) -> None:
    unknown = await a_refund(clerk, "drop-answer")
    assert unknown.state is State.UNKNOWN
    assert (await take_in(clerk, file_of(clerk)))["concluded"] == 1
    await come_to_rest(clerk.site, clerk)
    assert clerk.site.refund(unknown.refund_id).state is State.ACCEPTED
    slip = clerk.papers[-2]
    assert "BY THE ACQUIRER'S FILE" in slip
    assert "1121.jsonl:1" in slip
    assert violations(clerk.site) == []


@logged_in(NEVER)
async def test_while_a_clerk_is_at_work_the_slips_wait_their_turn(clerk: SimClerk) -> None:
    await a_refund(clerk, "drop-answer")
    await clerk.find(clerk.site.shop.sale("mastercard-older"))
    await take_in(clerk, file_of(clerk))
    assert clerk.prompt == "sale"
    await come_to_rest(clerk.site, clerk)
    assert violations(clerk.site) == []


@logged_in(NEVER)
async def test_a_contradiction_is_seen_and_closed_at_the_keypad(clerk: SimClerk) -> None:
    accepted = await a_refund(clerk, "normal")
    assert accepted.state is State.ACCEPTED
    record = json.loads(file_of(clerk)) | {"outcome": "not_paid", "reference": "E-7"}
    assert (await take_in(clerk, json.dumps(record)))["contradicts"] == 1
    await clerk.at(": menu", "menu: 8", "cases")
    await clerk.wait_text("Acquirer's file differs")
    await clerk.go("1", to="case.facts")
    shown = clerk.text
    for fact in ("Acquirer's file: not paid", "E-7", "1121.jsonl:1", "Now: refunded"):
        assert fact in shown
    clerk.press("enter")
    await clerk.answer("case.reference", "20261123001")
    await clerk.approve(0)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter")
    await clerk.home()
    assert clerk.site.refund(accepted.refund_id) == accepted
    assert clerk.site.ledger.cases.open_ones() == []
    await come_to_rest(clerk.site, clerk)
    assert violations(clerk.site) == []


@logged_in(NEVER)
async def test_what_was_paid_twice_is_seen_and_its_sale_let_go_by_two(clerk: SimClerk) -> None:
    accepted = await a_refund(clerk, "normal")
    record = json.loads(file_of(clerk))
    second = record | {"rrn": "632400008888", "reference": "P-2"}
    report = await take_in(clerk, json.dumps(record) + "\n" + json.dumps(second))
    assert (report["agrees"], report["paid_twice"]) == (1, 1)
    await clerk.wait_text("Open cases: 1")  # at once, on the page that stands there
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.wait_text("The sale is locked: see its case")
    await clerk.home()
    await clerk.at(": menu", "menu: 8", "cases")
    await clerk.wait_text("Acquirer paid twice")
    await clerk.go("1", to="case.facts")
    shown = clerk.text
    for fact in ("Paid too much", "1.23", "632400008888", record["rrn"], "1121.jsonl:2"):
        assert fact in shown
    clerk.press("enter")
    await clerk.answer("case.reference", "20261123001")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter")
    await clerk.home()
    sale = clerk.site.ledger.sales.by_key(accepted.sale_key)
    assert sale is not None
    assert (sale.locked, sale.done) == (False, 246)
    await come_to_rest(clerk.site, clerk)
    assert violations(clerk.site) == []
