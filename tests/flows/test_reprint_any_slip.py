"""Every slip can be printed again, however many came after it, refusals' too (R41)."""

from __future__ import annotations

from typing import Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import a_refund, at_the_counter, in_each_language, logged_in
from worlds.told_outcomes import file_of, take_in

from pos_terminal.flows.paper import reprint
from pos_terminal.ports import JobState
from pos_terminal.texts import Language


async def refusals(clerk: SimClerk, number: int) -> None:
    """So many refused applications, each with its slips."""
    for _ in range(number):
        await clerk.find(clerk.site.shop.sale("large"))
        await clerk.at(": enter", "refund.amount: enter", "refund.reason: 4")
        await clerk.accept()


async def to_the_list(clerk: SimClerk) -> str:
    await clerk.from_menu("Reprint")
    await clerk.wait("reprint.refund")
    return str(clerk.text)


async def reprinted(clerk: SimClerk) -> int:
    """Which job was printed again."""
    await clerk.wait("reprint.done")
    row = clerk.site.ledger.db.execute("SELECT original FROM print_jobs ORDER BY job_id DESC")
    return int(row.fetchone()["original"])


@at_the_counter()
async def test_older_slips_follow_the_newest(
    clerk: SimClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reprint, "MOST_LISTED", 4)
    await clerk.log_in()
    await refusals(clerk, 3)
    slips = clerk.site.ledger.slips.before(None, 99)
    assert len(slips) == 6
    assert "#3" in await to_the_list(clerk)
    clerk.choose("Older slips")
    await clerk.wait_text("#1 ")
    assert "Older" not in clerk.text, "there is nothing older"
    clerk.press("2")
    assert await reprinted(clerk) == slips[-1].job_id


@logged_in()
async def test_the_application_number_leads_to_its_slips(clerk: SimClerk) -> None:
    await refusals(clerk, 2)
    await to_the_list(clerk)
    await clerk.at(": menu", "reprint.application: 1 enter", "reprint.slip: 1")
    assert await reprinted(clerk) == clerk.site.ledger.slips.of_application(1)[0].job_id


@logged_in()
async def test_a_refunds_number_leads_to_both_of_its_copies(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.accept()
    assert clerk.site.ledger.slips.of_application(1) == clerk.site.ledger.slips.of_refund(1)
    await to_the_list(clerk)
    await clerk.at(": menu", "reprint.application: 1 enter", "reprint.slip: 2")
    assert await reprinted(clerk) == clerk.site.ledger.slips.of_refund(1)[1].job_id
    await clerk.go("enter", to="home")
    assert len(clerk.site.ledger.slips.of_application(1)) == 2, "copies are no originals"


@logged_in()
async def test_a_number_without_slips_is_told(clerk: SimClerk) -> None:
    await refusals(clerk, 1)
    await to_the_list(clerk)
    await clerk.at(": menu", "reprint.application: 77 enter", "failure")
    assert "No slip of application 77" in clerk.text


CERTIFICATE: Final = {Language.ZH_CN: "结果未知", Language.EN: "OUTCOME UNKNOWN"}
REFUND: Final = {Language.ZH_CN: "退货签购单", Language.EN: "REFUND"}
REFUSED: Final = {Language.ZH_CN: "申请未通过", Language.EN: "REFUSED"}
COPIES: Final = {
    Language.ZH_CN: ("商户存根", "持卡人存根"),
    Language.EN: ("Merchant copy", "Cardholder copy"),
}


@pytest.mark.parametrize("language", Language)
@in_each_language(repeat="never")
async def test_each_slip_is_called_by_the_title_that_is_on_it(
    clerk: SimClerk, language: Language
) -> None:
    """A certificate, the refund that came of it, and a refusal, all of one day."""
    await clerk.log_in()
    await a_refund(clerk, "drop-answer")
    await take_in(clerk, file_of(clerk))
    await refusals(clerk, 1)
    await clerk.at(": menu", "menu: 2 1", "reprint.refund")
    titles = [title[language] for title in (REFUSED, REFUND, CERTIFICATE)]
    shown = [row.lstrip("> 0123456789") for row in clerk.text.splitlines()]
    named = [row for row in shown if any(copy in row for copy in COPIES[language])]
    wanted = [f"{title} {copy}" for title in titles for copy in reversed(COPIES[language])]
    assert named == wanted[: len(named)]
    assert len(named) == len(wanted)
    await clerk.site.until(lambda: len(clerk.papers) == len(wanted), 600, "paper")
    printed = "\n".join(clerk.papers)
    for title in titles:
        assert title in printed, "as it is on paper"
    await clerk.home()


@logged_in()
async def test_a_refusal_before_an_amount_was_asked_has_none_in_the_list(clerk: SimClerk) -> None:
    clerk.scan("nothing-of-ours")
    await clerk.at("failure: menu", "refusal.printed: enter", "home")
    assert "REFUSED Customer copy\n  11-20 13:00 #1\n" in await to_the_list(clerk)


@logged_in()
async def test_who_is_asked_about_a_slip_reads_which_it_is(clerk: SimClerk) -> None:
    clerk.site.parts.printer.rate = 50.0  # bytes a second
    await refusals(clerk, 1)
    slips = clerk.site.ledger.slips
    await clerk.site.until(lambda: len(slips.in_state(JobState.SENDING)) > 0, 600, "a slip")
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    await clerk.wait("print.unsure")
    assert "REFUSED Merchant copy" in clerk.text
