"""The acquirer's file beside a clerk at work: slips, screens, and the case of a contradiction."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hw_sim.acquirer.outcome_file import outcome_file
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting

from pos_terminal.core.refund import State
from pos_terminal.texts import Language

Counter = Callable[..., None]
NEVER = Setting(repeat="never", language=Language.EN)


async def refund(clerk: SimClerk, fault: str) -> Any:
    """A refund of 123; what the ledger has of it."""
    await clerk.log_in()
    clerk.site.acquirer.set_mode(fault, 1)
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 123)
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()
    return clerk.site.ledger.refunds.recent(1)[0]


def file_of(clerk: SimClerk) -> str:
    return outcome_file(clerk.site.acquirer.book.entries(), None, as_csv=False)


async def take_in(clerk: SimClerk, text: str) -> dict[str, Any]:
    verb = clerk.site.terminal.verbs["import-outcomes"]
    answer = await verb({"text": text, "source": "1121.jsonl"})
    report: dict[str, Any] = answer["report"]
    return report


def test_the_file_concludes_it_prints_the_slips_and_the_money_is_equal(
    at_the_counter: Counter,
) -> None:
    async def story(clerk: SimClerk) -> None:
        unknown = await refund(clerk, "drop-answer")
        assert unknown.state is State.UNKNOWN
        assert (await take_in(clerk, file_of(clerk)))["concluded"] == 1
        await come_to_rest(clerk.site, clerk)
        assert clerk.site.ledger.refunds.by_id(unknown.refund_id).state is State.ACCEPTED
        slip = clerk.site.parts.printer.texts()[-2]
        assert "BY THE ACQUIRER'S FILE" in slip
        assert "1121.jsonl:1" in slip
        assert violations(clerk.site) == []

    at_the_counter(story, NEVER)


def test_while_a_clerk_is_at_work_the_slips_wait_their_turn(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await refund(clerk, "drop-answer")
        await clerk.find(clerk.site.shop.sale("mastercard-older"))
        await take_in(clerk, file_of(clerk))
        assert clerk.prompt == "sale"
        await come_to_rest(clerk.site, clerk)
        assert violations(clerk.site) == []

    at_the_counter(story, NEVER)


def test_a_contradiction_is_seen_and_closed_at_the_keypad(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        accepted = await refund(clerk, "normal")
        assert accepted.state is State.ACCEPTED
        record = json.loads(file_of(clerk)) | {"outcome": "not_paid", "reference": "E-7"}
        assert (await take_in(clerk, json.dumps(record)))["contradicts"] == 1
        clerk.press("menu")
        await clerk.wait("menu")
        clerk.press("8")
        await clerk.wait("cases")
        await clerk.wait_text("Acquirer's file differs")
        clerk.press("1")
        await clerk.wait("case.facts")
        shown = clerk.site.terminal.screen.text
        for fact in ("Acquirer's file: not paid", "E-7", "1121.jsonl:1", "Now: refunded"):
            assert fact in shown
        clerk.press("enter")
        await clerk.answer("case.reference", "20261123001")
        await clerk.approve(0)
        await clerk.answer("case.confirm_closing", "")
        await clerk.answer("case.closed", "")
        await clerk.home()
        assert clerk.site.ledger.refunds.by_id(accepted.refund_id) == accepted
        assert clerk.site.ledger.cases.open_ones() == []
        await come_to_rest(clerk.site, clerk)
        assert violations(clerk.site) == []

    at_the_counter(story, NEVER)


def test_what_was_paid_twice_is_seen_and_its_sale_let_go_by_two(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        accepted = await refund(clerk, "normal")
        record = json.loads(file_of(clerk))
        second = record | {"rrn": "632400008888", "reference": "P-2"}
        report = await take_in(clerk, json.dumps(record) + "\n" + json.dumps(second))
        assert (report["agrees"], report["paid_twice"]) == (1, 1)
        await clerk.wait_text("Open cases: 1")  # at once, on the page that stands there
        clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
        await clerk.wait_text("The sale is locked: see its case")
        await clerk.home()
        clerk.press("menu")
        await clerk.wait("menu")
        clerk.press("8")
        await clerk.wait("cases")
        await clerk.wait_text("Acquirer paid twice")
        clerk.press("1")
        await clerk.wait("case.facts")
        shown = clerk.site.terminal.screen.text
        for fact in ("Paid too much", "1.23", "632400008888", record["rrn"], "1121.jsonl:2"):
            assert fact in shown
        clerk.press("enter")
        await clerk.answer("case.reference", "20261123001")
        await clerk.approve(0)
        await clerk.approve(1)
        await clerk.answer("case.confirm_closing", "")
        await clerk.answer("case.closed", "")
        await clerk.home()
        sale = clerk.site.ledger.sales.by_id(accepted.sale_id)
        assert sale is not None
        assert (sale.locked, sale.done) == (False, 246)
        await come_to_rest(clerk.site, clerk)
        assert violations(clerk.site) == []

    at_the_counter(story, NEVER)
