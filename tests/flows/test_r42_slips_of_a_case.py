"""What a case prints says on its screen whether it came out, and cash waits for who saw it."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import in_each_language, one_line

from pos_terminal.texts import Language

POLICY = {"payouts": {"per_case": 2_000, "per_day": 3_000}}
NO_PAPER = {Language.ZH_CN: "打印机缺纸", Language.EN: "Paper out: load a new roll"}
PRINTED = {Language.ZH_CN: "小票已打印", Language.EN: "Slips printed"}
MUCH, ACCOUNT, GOODS, COMPLAINT = 2, 3, 4, 6
"""Digits of the kinds."""


async def wrong(clerk: SimClerk, kind: int) -> None:
    """Part of a card's payment went back, and this kind of case is opened."""
    await clerk.log_in()
    receipt = clerk.site.shop.sale("visa-older").receipt_no
    clerk.scan(receipt)
    await clerk.at("sale: enter", "refund.amount: 1000 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu")
    clerk.site.parts.printer.printer.change(paper_out=kind != 0)
    await clerk.at(f"case.kind: {kind}")


async def paid_out(clerk: SimClerk, way: int) -> None:
    await clerk.at("case.opened: enter", "case.facts: 2", "case.remedy: 3", "payout.what: 2")
    await clerk.at(f"payout.kind: {way}", "payout.amount: 700 enter")
    await clerk.approve()
    await clerk.approve(1)


async def said_until_mended(clerk: SimClerk, prompt: str, language: Language) -> None:
    await clerk.wait(prompt)
    assert NO_PAPER[language] in one_line(clerk)
    before = len(clerk.papers)
    clerk.site.parts.printer.printer.change(paper_out=False)
    await clerk.wait_text(PRINTED[language])
    assert len(clerk.papers) > before
    assert NO_PAPER[language] not in one_line(clerk)


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=POLICY)
async def test_cash_of_no_slip_goes_out_only_after_that_was_seen(
    clerk: SimClerk, language: Language
) -> None:
    await wrong(clerk, 5)
    await paid_out(clerk, 1)
    await said_until_mended(clerk, "payout.slip", language)
    assert clerk.site.parts.drawer == 0
    await clerk.at(": enter", "payout.hand_over: enter", "payout.done: enter", "case.facts")
    assert clerk.site.parts.drawer == 1


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=POLICY)
async def test_who_wants_the_slip_first_pays_later(clerk: SimClerk, language: Language) -> None:
    await wrong(clerk, 5)
    await paid_out(clerk, 1)
    await clerk.wait("payout.slip")
    assert NO_PAPER[language] in one_line(clerk)
    await clerk.at(": cancel", "case.facts")
    assert clerk.site.parts.drawer == 0
    (owed,) = clerk.site.ledger.payouts.to_hand_over()
    assert owed.amount == 700


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("way", [2, 3])
@in_each_language(policy=POLICY)
async def test_a_voucher_or_form_that_is_not_on_paper_says_so(
    clerk: SimClerk, language: Language, way: int
) -> None:
    await wrong(clerk, 5)
    await paid_out(clerk, way)
    await said_until_mended(clerk, "payout.done", language)


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=POLICY)
async def test_a_recovery_slip_and_a_record_say_so(clerk: SimClerk, language: Language) -> None:
    await wrong(clerk, MUCH)
    await clerk.at("case.opened: enter", "case.facts: 2", "case.remedy: 1")
    await clerk.at("recovery.amount: 100 enter")
    await said_until_mended(clerk, "recovery.done", language)
    clerk.site.parts.printer.printer.change(paper_out=True)
    await clerk.at(": enter", "case.facts: 3", "case.printing")
    await said_until_mended(clerk, "case.printing", language)


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=POLICY)
async def test_a_form_to_the_acquirer_and_its_duplicate_say_so(
    clerk: SimClerk, language: Language
) -> None:
    await wrong(clerk, ACCOUNT)
    await clerk.at("case.opened: enter", "case.facts: 2", "case.remedy: 1", "case.form: enter")
    await said_until_mended(clerk, "case.form_done", language)
    clerk.site.parts.printer.printer.change(paper_out=True)
    await clerk.at(": enter", "case.facts: 2", "case.remedy: 1", "case.form: enter")
    await said_until_mended(clerk, "case.form_done", language)


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=POLICY)
async def test_the_slip_of_a_complaint_says_so(clerk: SimClerk, language: Language) -> None:
    await wrong(clerk, COMPLAINT)
    await said_until_mended(clerk, "case.opened", language)
