"""A paid record with a number that the terminal drew for a message of its own (R50)."""

from __future__ import annotations

import json

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import NEVER, a_refund, in_each_language, logged_in, one_line, state_of
from worlds.told_outcomes import file_of, take_in

from pos_terminal.core.refund import State
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

SAID = {Language.ZH_CN: "本机流水号下有他人付款", Language.EN: "Paid under a number of ours"}

WHAT_ENDS_IT = {
    Language.ZH_CN: "两人查看并结案后可继续",
    Language.EN: "Two people look and close its case",
}


def stranger(clerk: SimClerk, batch: str, stan: str) -> str:
    record = json.loads(file_of(clerk).splitlines()[-1]) | {"batch": batch, "trace": stan}
    return json.dumps(record | {"amount": 777, "rrn": "", "reference": "E-9"})


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_trade_stops_until_two_people_looked(clerk: SimClerk, language: Language) -> None:
    await clerk.log_in()
    await a_refund(clerk)
    ledger = clerk.site.ledger
    (batch, stan), *_ = ledger.db.execute("SELECT batch, stan FROM sign_ons").fetchall()
    assert (await take_in(clerk, stranger(clerk, batch, stan)))["paid_unknown"] == 1
    stopped = (await state_of(clerk))["host"]["stopped"]
    assert SAID[language] in stopped
    await clerk.home()
    assert SAID[language] in one_line(clerk), "before anybody begins anything"
    assert WHAT_ENDS_IT[language] in one_line(clerk)
    clerk.scan(clerk.site.shop.sale("mastercard-older").receipt_no)
    await clerk.wait("failure")
    assert SAID[language] in one_line(clerk)
    await clerk.home()
    await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts")
    own = {Language.ZH_CN: "流水号由本机签到等取用", Language.EN: "A sign-on of ours had this"}
    assert own[language] in one_line(clerk)
    clerk.press("enter")
    await clerk.answer("case.reference", "20261123001")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.approve(0)
    assert (await state_of(clerk))["host"]["stopped"], "one has looked, and that is not enough"
    await clerk.approve(1)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter")
    await clerk.home()
    assert SAID[language] not in one_line(clerk)
    assert not (await state_of(clerk))["host"]["stopped"]
    assert (await a_refund(clerk)).state is State.ACCEPTED
    verify_store(ledger)


@logged_in(NEVER)
async def test_so_does_one_of_a_closed_batch_and_no_other_number(clerk: SimClerk) -> None:
    await a_refund(clerk)
    ledger = clerk.site.ledger
    (batch, stan), *_ = ledger.db.execute("SELECT batch, stan FROM sign_ons").fetchall()
    till, of_batch = await ledger.counter.draw_for_till()
    for number, name in (((of_batch, till), "1.jsonl"), ((batch, "009999"), "2.jsonl")):
        await take_in(clerk, stranger(clerk, *number), name)
        assert not ledger.cases.own_number_paid()
    await ledger.counter.resequence("000777")
    assert ledger.db.execute("SELECT 1 FROM sign_ons").fetchone() is None
    await take_in(clerk, stranger(clerk, batch, stan), "3.jsonl")
    assert ledger.cases.own_number_paid()
