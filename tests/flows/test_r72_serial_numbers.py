"""A piece with a number of its own must be the one that was sold, and comes back once (R72)."""

from __future__ import annotations

from typing import Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, sell, tell

from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

IMEI: Final = ("490154203237518", "356938035643809")
PHONE = {"sku": "77", "name": "Phone", "quantity": 2, "unit_price": 100_000}
PHONE |= {"barcodes": ["6901234567892"], "serials": list(IMEI)}
WATCH = {"sku": "78", "name": "Watch", "quantity": 1, "unit_price": 50_000, "serials": ["Wa-１"]}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}
BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


async def sold(clerk: SimClerk) -> None:
    cash = {"kind": "cash", "amount": 250_900}
    await sell(clerk, "GOODS", cash, lines=(PHONE, CUP, WATCH), **CASH)
    await clerk.log_in()
    await to_goods(clerk)


async def to_goods(clerk: SimClerk) -> None:
    await clerk.wait("home")
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")


async def paid_out(clerk: SimClerk, *, asked: bool) -> None:
    """From the goods to home; whether a supervisor was asked."""
    await clerk.at(": menu", "refund.amount: enter", "refund.reason: 4")
    prompt = await clerk.wait("supervisor.number", "refund.confirm")
    assert (prompt == "supervisor.number") is asked
    if asked:
        await clerk.approve()
        await clerk.pay_out()
    else:
        clerk.press("enter")
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()


def moved(clerk: SimClerk) -> list[tuple[int | None, int, str]]:
    """Line, thousandths, number of the piece."""
    ledger = clerk.site.terminal.ledger
    assert ledger is not None
    verify_store(ledger)
    return [(one.line, one.quantity, one.serial) for one in ledger.stock.after(0, 100)]


def beeps(clerk: SimClerk) -> int:
    return clerk.site.terminal.screen.beeps


@at_the_counter(BY_RULE)
async def test_a_scanned_number_is_that_piece_and_asks_nothing(clerk: SimClerk) -> None:
    await sold(clerk)
    clerk.scan(IMEI[1])
    await clerk.wait_text("Phone 1 of 2")
    before = beeps(clerk)
    clerk.scan(IMEI[1])
    await clerk.wait_text("Serial …3809 is chosen already")
    assert beeps(clerk) == before + 1
    clerk.scan(" Wa-1 ")  # trimmed, and NFKC: the till told it in full width
    await clerk.wait_text("Watch 1 of 1")
    assert clerk.prompt == "refund.lines"
    await paid_out(clerk, asked=False)
    assert moved(clerk) == [(1, 1_000, IMEI[1]), (3, 1_000, "Wa-1")]
    # neither comes back again, and the other piece does
    await to_goods(clerk)
    for code in (IMEI[1], "Wa-1"):
        clerk.scan(code)
        await clerk.wait_text(
            f"Serial {'…' + code[-4:] if len(code) > 4 else code} is back already"
        )
    clerk.scan(IMEI[0])
    await clerk.wait_text("Phone 1 of 1")
    await paid_out(clerk, asked=False)
    assert moved(clerk)[2:] == [(1, 1_000, IMEI[0])]


@at_the_counter(BY_RULE)
async def test_goods_picked_otherwise_are_asked_for_their_numbers(clerk: SimClerk) -> None:
    """By barcode for one piece, by digit for each of them; typed with letters as on a telephone."""
    await sold(clerk)
    clerk.scan("6901234567892")
    await clerk.wait("goods.serial")
    before = beeps(clerk)
    clerk.scan("6901234567892")
    await clerk.wait_text("That is the barcode: the serial number")
    assert beeps(clerk) == before + 1
    clerk.scan("Wa-1")
    await clerk.wait_text("That is a serial number of Watch")
    await clerk.at("goods.serial: cancel", "refund.lines")
    assert "Phone ×2" in clerk.text, "nothing was chosen"
    await clerk.at(": 1", "refund.quantity: 2 enter", "goods.serial")
    assert "Piece 1 of 2" in clerk.text
    await clerk.at(f": {IMEI[0]} enter")
    await clerk.wait_text("Piece 2 of 2")
    clerk.scan(IMEI[0])
    await clerk.wait_text("Serial …7518 is chosen already")
    clerk.scan(IMEI[1])
    await clerk.wait("refund.lines")
    assert "Phone 2 of 2" in clerk.text
    await clerk.at(": 1", "refund.quantity: 1 enter", "goods.serial")
    clerk.scan(IMEI[1])
    await clerk.wait("refund.lines")
    await paid_out(clerk, asked=False)
    assert moved(clerk) == [(1, 1_000, IMEI[1])]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (Language.EN, "Phone: serial …0000, sold was …7518"),
        (Language.ZH_CN, "Phone 序列号不符:退 …0000,售 …7518"),
    ],
)
def test_another_number_asks_a_supervisor_who_sees_both(
    language: Language, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.at(": 1", "refund.quantity: 1 enter", "goods.serial")
        clerk.scan("868683020000000")
        await clerk.at("goods.serial_other: cancel", "goods.serial")
        clerk.scan("868683020000000")
        await clerk.wait("goods.serial_other")
        assert says in " ".join(clerk.text.split())
        await clerk.at(": enter", "refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
        await clerk.wait("supervisor.number")
        assert says in " ".join(clerk.text.split())
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result")
        await clerk.home()
        assert moved(clerk) == [(1, 1_000, "868683020000000")], "it is the piece that came"
        assert says in explained(clerk, 1, language, capsys)
        await to_goods(clerk)
        await clerk.at(": 1", "refund.quantity: 1 enter", "goods.serial")
        clerk.scan("868683020000000")
        await clerk.wait_text("…0000")
        assert clerk.prompt == "goods.serial", "no piece comes twice"

    tell(story, Setting(language=language, policy={"supervisor": "by-rule"}))


@at_the_counter(BY_RULE)
async def test_a_number_that_nobody_read_asks_a_supervisor(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at(": 3", "refund.quantity: enter", "goods.serial: enter", "refund.lines")
    await clerk.at(": menu", "refund.amount: enter", "refund.reason: 4", "supervisor.number")
    assert "Watch: serial number not checked" in clerk.text
    await clerk.home()
    await to_goods(clerk)
    await clerk.at(": cancel", "refund.amount: enter", "refund.reason: 4", "supervisor.number")
    assert "Phone: serial number not checked" in clerk.text, "all of a sale as well"
    await clerk.home()
    await to_goods(clerk)
    clerk.scan("11")
    await clerk.wait_text("Cup 1 of 1")
    await paid_out(clerk, asked=False)


@at_the_counter()
async def test_a_badge_or_a_card_is_no_number_of_a_piece(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at(": 3", "refund.quantity: enter", "goods.serial")
    clerk.scan(clerk.site.shop.staff[2].badge)
    await clerk.wait_text("badge")
    clerk.scan("4761739001010010")
    await clerk.wait_text("card number")
    assert clerk.prompt == "goods.serial"


@at_the_counter(BY_RULE)
async def test_what_was_read_stays_when_one_more_is_chosen(clerk: SimClerk) -> None:
    await sold(clerk)
    clerk.scan(IMEI[0])
    await clerk.wait_text("Phone 1 of 2")
    await clerk.at(": menu", "refund.amount: menu", "refund.lines")
    clerk.scan("77")
    await clerk.wait("goods.serial")
    clerk.scan(IMEI[1])
    await clerk.wait("refund.lines")
    await paid_out(clerk, asked=False)
    assert moved(clerk) == [(1, 1_000, IMEI[0]), (1, 1_000, IMEI[1])]


FOR_A_PIECE = {
    Language.ZH_CN: "金额含 Phone,未核对序列号",
    Language.EN: "For Phone, too: no serial checked",
}


async def typed(clerk: SimClerk, amount: int) -> str:
    """An amount of the sale's 2509.00, of which 9.00 are for a cup; then who is asked."""
    await clerk.at("sale: enter", f"refund.amount: {amount} enter", "refund.reason: 4")
    return await clerk.wait("supervisor.number", "refund.confirm")


@pytest.mark.parametrize("language", Language)
def test_an_amount_that_is_for_pieces_asks_a_supervisor(language: Language) -> None:
    @at_the_counter(Setting(language=language, policy={"supervisor": "by-rule"}))
    async def story(clerk: SimClerk) -> None:
        cash = {"kind": "cash", "amount": 250_900}
        await sell(clerk, "GOODS", cash, lines=(PHONE, CUP, WATCH), **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        assert await typed(clerk, 901) == "supervisor.number"
        assert FOR_A_PIECE[language] in clerk.text
        clerk.press("cancel")
        await clerk.home()
        clerk.scan("GOODS")
        assert await typed(clerk, 900) == "refund.confirm", "that is the cup's"
        await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result")
        await clerk.home()
        clerk.scan("GOODS")
        assert await typed(clerk, 1) == "supervisor.number", "the cup's money is back"
        verify_store(clerk.site.ledger)

    story()


@at_the_counter(BY_RULE)
async def test_it_is_seen_over_all_payments_of_the_sale(clerk: SimClerk) -> None:
    """5.00 in points and 5.00 in cash: neither takes anything of the watch by itself."""
    ways = [{"kind": "points", "amount": 500}, {"kind": "cash", "amount": 90_400}]
    watch = {**WATCH, "unit_price": 90_000}
    await sell(clerk, "GOODS", *ways, lines=(watch, CUP), **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: 1 0 0 0 enter", "refund.reason: 4")
    await clerk.at("ticket.plan: enter", "supervisor.number")
    assert "For Watch, too: no serial checked" in clerk.text
