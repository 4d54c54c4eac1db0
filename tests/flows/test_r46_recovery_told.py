"""What a till tells of a recovery slip is held against the slip, and kept as long as it (R46)."""

from __future__ import annotations

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, logged_in, sell, sold

from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import Kind
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.feed.lines import Format

SETTING = Setting(language=Language.EN)
NONE = {Language.ZH_CN: "所付追回单不存在", Language.EN: "Pays no recovery slip of ours"}
PAID = {"kind": "cash", "amount": 400}
CODE = receipt_code.remedy_code(identity.MERCHANT_ID, identity.TERMINAL_ID, 1)


async def asked_back(clerk: SimClerk) -> None:
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: 1000 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu", "case.kind: 2", "case.opened: enter", "case.facts: 2")
    await clerk.at("case.remedy: 1", "recovery.amount: 400 enter", "recovery.done: enter")
    await clerk.at("case.facts")


async def of_case(clerk: SimClerk) -> str:
    """What its screen says when the slip is scanned."""
    await clerk.home()
    clerk.scan(CODE)
    await clerk.at("case.facts")
    return " ".join(clerk.text.split())


@logged_in(SETTING)
async def test_a_sale_from_before_its_slip_is_told(clerk: SimClerk) -> None:
    await asked_back(clerk)
    (paper,) = clerk.site.ledger.case_papers.of_case(1)
    since = paper.at.isoformat(timespec="seconds")
    await sell(clerk, "SINCE", PAID, **CASH, recovery_no=CODE, sold_at=since)
    assert "older than the slip" not in await of_case(clerk)
    before = "2026-11-19T10:00:00+08:00"
    await sell(clerk, "BEFORE", PAID, **CASH, recovery_no=CODE, sold_at=before)
    assert "older than the slip" in await of_case(clerk)
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_the_till_may_tell_the_slip_later(clerk: SimClerk) -> None:
    await asked_back(clerk)
    await sell(clerk, "PAYS", PAID, **CASH)
    assert "Not paid yet" in await of_case(clerk)
    await sell(clerk, "PAYS", PAID, **CASH, recovery_no=CODE)
    assert "Paid by sale PAYS" in await of_case(clerk)
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_what_is_no_number_of_a_slip_is_refused(clerk: SimClerk) -> None:
    """Too short, masked, on a receipt of ours, and misread; another terminal's is taken."""
    ours = (identity.MERCHANT_ID, identity.TERMINAL_ID, 1)
    misread = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)
    receipt = receipt_code.encode(Kind.REFUND, *ours)
    other = receipt_code.remedy_code(identity.MERCHANT_ID, "87654321", 1)
    numbers = {"7": 1, f"{CODE[:5]}******{CODE[-2:]}": 1, receipt: 1, misread: 1, other: 0}
    for number, problems in numbers.items():
        record = sold("PAYS", PAID, **CASH, recovery_no=number)
        taken = await clerk.site.ledger.feed.take_in(
            [record], source="till", form=Format.JSONL, allow_pan=False
        )
        assert [one.code for one in taken.problems] == ["recovery_no"] * problems, number


@pytest.mark.parametrize("language", Language)
def test_a_slip_of_ours_that_nobody_printed_is_a_case_of_the_sale_that_pays_it(
    language: Language,
) -> None:
    """Once, whatever the till tells of it again; a claim has a number of ours, too, and nobody pays
    that at the till."""

    @logged_in(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "PAYS", PAID, **CASH, recovery_no=CODE)
        await sell(clerk, "PAYS", PAID, **CASH, recovery_no=CODE, gift_receipt_no="G-1")
        (case,) = clerk.site.ledger.cases.open_ones()
        assert case.kind is CaseKind.RECOVERY_UNKNOWN
        await clerk.home()
        await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts")
        seen = " ".join(clerk.text.split())
        assert NONE[language] in seen
        assert CODE in seen
        assert "PAYS" in seen
        await clerk.at("case.facts: enter", "case.reference: 4711 enter", "case.close: 2")
        await clerk.at("case.loss: enter")
        await clerk.approve()
        await clerk.at("case.confirm_closing: enter", "case.closed: enter")
        await sell(clerk, "PAYS", PAID, **CASH, recovery_no=CODE, invoice="none")
        assert clerk.site.ledger.cases.open_ones() == [], "people have closed it"
        (told,) = overview(clerk.site.ledger.db)["cases"]
        assert (told["kind"], told["state"]) == ("recovery_unknown", "closed")
        clerk.site.ledger.db.execute("COMMIT")
        verify_store(clerk.site.ledger)

    story()


@logged_in(SETTING)
async def test_another_terminals_slip_is_no_case_here_and_one_of_ours_is_none(
    clerk: SimClerk,
) -> None:
    await asked_back(clerk)
    other = receipt_code.remedy_code(identity.MERCHANT_ID, "87654321", 7)
    await sell(clerk, "THEIRS", PAID, **CASH, recovery_no=other)
    await sell(clerk, "OURS", PAID, **CASH, recovery_no=CODE)
    kinds = {one.kind for one in clerk.site.ledger.cases.open_ones()}
    assert kinds == {CaseKind.AMOUNT_MUCH}


@pytest.mark.parametrize("language", Language)
def test_what_comes_back_of_the_sale_that_pays_is_seen(language: Language) -> None:
    """By the clerk, the supervisor and at the case: it had gone back too much before."""
    zh = language is Language.ZH_CN

    @logged_in(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await asked_back(clerk)
        await clerk.home()
        await sell(clerk, "NEW", PAID, recovery_no=CODE, **CASH)
        clerk.scan("NEW")
        pays = "此交易支付追回单 #1" if zh else "Pays recovery slip #1"
        await clerk.wait("sale")
        assert pays in " ".join(clerk.text.split())
        await clerk.at("sale: enter", "refund.amount: 300 enter", "refund.reason: 4")
        await clerk.wait("supervisor.number")
        assert pays in " ".join(clerk.text.split())
        await clerk.approve()
        await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")
        said = await of_case(clerk)
        assert ("付款交易又已退款 ¥3.00" if zh else "Of that given back since ¥3.00") in said
        await clerk.at("case.facts: enter", "case.reference: 1 2 3 4 enter", "case.close: enter")
        await clerk.wait("case.loss")
        assert "¥3.00" in clerk.text, "what of it the shop has not"

    story()
