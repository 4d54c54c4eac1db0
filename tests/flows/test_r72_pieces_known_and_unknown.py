"""A piece that was paid for and never came comes back for no other piece's money unasked, and one
that went out unread is called that (R72)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, sell, tell

from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

FIRST, SECOND, NEW = "490154203237518", "356938035643809", "868683020000000"
PHONE: Final[dict[str, Any]] = {
    "sku": "P-1",
    "name": "Phone",
    "quantity": 2,
    "unit_price": 1_500,
    "barcodes": ["6951"],
    "serials": [FIRST, SECOND],
}
BY_RULE = {"supervisor": "by-rule"}
PAID = {
    Language.EN: "Phone …7518: paid for (1), then never came. Came now: MENU 4 3, no money",
    Language.ZH_CN: "Phone …7518 已退款(申请 1),登记为未退回。现退回:菜单 4 3,不再退款",
}
NOT_READ_OUT = {
    Language.EN: "Phone goes out: serial not read",
    Language.ZH_CN: "换出 Phone 未读序列号",
}
NOT_READ = {Language.EN: "Serial number not read ×1", Language.ZH_CN: "序列号未读 ×1"}
PERHAPS = {
    Language.EN: "Phone: serial …0000, sold was …3809, or one not read as it went out",
    Language.ZH_CN: "Phone 序列号不符:退 {given},售 …3809 或出货时未读".format(given="…0000"),
}
UNREAD = {
    Language.EN: "Phone: serial …0000, none read as it went out",
    Language.ZH_CN: "Phone 退 …0000,出货时未读序列号",
}


def on_screen(clerk: SimClerk) -> str:
    """As one line: words may stand on two rows, Chinese ones anywhere."""
    return "".join(clerk.text.split())


def says(clerk: SimClerk, text: str) -> bool:
    return "".join(text.split()) in on_screen(clerk)


async def sold(clerk: SimClerk, line: dict[str, Any] = PHONE) -> None:
    amount = line["quantity"] * line["unit_price"]
    await sell(clerk, "GOODS", {"kind": "cash", "amount": amount}, lines=[line], **CASH)
    await clerk.log_in()


async def to_goods(clerk: SimClerk) -> None:
    await clerk.wait("home")
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")


async def to_exchange(clerk: SimClerk) -> None:
    await clerk.wait("home")
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines")


async def paid_out(clerk: SimClerk) -> None:
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()


async def paid_and_never_came(clerk: SimClerk) -> None:
    """The first one, as a supervisor says since."""
    await to_goods(clerk)
    clerk.scan(FIRST)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result")
    await clerk.home()
    clerk.press("menu", "4", "3")
    await clerk.at("stock.slip: 1 enter", "stock.line: 1", "stock.correct: 5", "supervisor.number")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()


def moved(clerk: SimClerk) -> list[tuple[int, str]]:
    verify_store(clerk.site.ledger)
    return [(one.quantity, one.serial) for one in clerk.site.ledger.stock.after(0, 99)]


def in_both_languages(story: Any) -> Any:
    @pytest.mark.parametrize("language", Language)
    def test(language: Language, capsys: pytest.CaptureFixture[str]) -> None:
        async def told(clerk: SimClerk) -> None:
            await story(clerk, language, capsys)

        tell(told, Setting(language=language, policy=BY_RULE))

    return test


@in_both_languages
async def test_what_was_paid_for_and_never_came_asks_a_supervisor_for_more_money(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    await sold(clerk)
    await paid_and_never_came(clerk)
    await to_goods(clerk)
    clerk.scan(FIRST)
    await clerk.wait("goods.serial_other")
    assert says(clerk, PAID[language])
    await clerk.at("goods.serial_other: cancel", "refund.lines")
    assert not any(one in clerk.text for one in ("1 of 1", "退1/1")), "nothing was chosen"
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "goods.serial")
    clerk.scan(FIRST)
    await clerk.wait("goods.serial_other")
    assert says(clerk, PAID[language])
    await clerk.at("goods.serial_other: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "supervisor.number")
    assert says(clerk, PAID[language])
    await clerk.approve()
    await paid_out(clerk)
    assert moved(clerk) == [(1_000, FIRST), (-1_000, FIRST), (1_000, FIRST)]
    assert "".join(PAID[language].split()) in "".join(explained(clerk, 2, language, capsys).split())


@in_both_languages
async def test_nor_are_others_given_for_it_unasked(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    await sold(clerk)
    await paid_and_never_came(clerk)
    await to_exchange(clerk)
    clerk.scan(FIRST)
    await clerk.at("goods.serial_other: enter", "refund.lines: menu", "refund.reason: 4")
    clerk.scan("6951")
    await clerk.wait("goods.serial")
    clerk.scan(NEW)
    await clerk.wait("supervisor.number")
    assert says(clerk, PAID[language])
    clerk.press("cancel")
    await clerk.home()
    await to_exchange(clerk)
    clerk.scan(SECOND)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    clerk.scan("6951")
    await clerk.wait("goods.serial")
    clerk.scan(NEW)
    await clerk.at("exchange.even: enter", "result")  # the other one is theirs
    await clerk.home()


@in_both_languages
async def test_what_goes_out_unread_asks_a_supervisor_and_is_called_so(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    await sold(clerk)
    await to_exchange(clerk)
    clerk.scan(FIRST)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    clerk.scan("6951")
    await clerk.at("goods.serial: enter", "supervisor.number")
    assert says(clerk, NOT_READ_OUT[language])
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    assert moved(clerk) == [(1_000, FIRST), (-1_000, "")]
    await clerk.site.until(lambda: len(clerk.papers) == 2, 600, "both copies")
    for paper in clerk.papers:
        assert FIRST in paper, "what came back"
        assert NOT_READ[language] in paper
    told = explained(clerk, 1, language, capsys)
    assert NOT_READ[language].split(" ×")[0].lower() in told, "beside the movement"
    (listed,) = overview(clerk.site.ledger.db)["exchanges"]
    clerk.site.ledger.db.execute("COMMIT")
    assert [(one["serials"], one["unread"]) for one in listed["out"]] == [([], 1)]
    assert [one["serials"] for one in listed["back"]] == [[FIRST]]

    await to_goods(clerk)
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "goods.serial")
    clerk.scan(NEW)
    await clerk.wait("goods.serial_other")
    assert says(clerk, PERHAPS[language]), "not the one that lies in the shop"
    await clerk.at("goods.serial_other: enter", "refund.lines")
    clerk.scan(SECOND)
    await clerk.wait_text("30.00")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.wait("supervisor.number")
    assert says(clerk, UNREAD[language]), "the other one came with it"
    await clerk.approve()
    await paid_out(clerk)
    assert moved(clerk)[2:] == [(1_000, SECOND), (1_000, NEW)] or moved(clerk)[2:] == [
        (1_000, NEW),
        (1_000, SECOND),
    ]


@at_the_counter(Setting(language=Language.EN, policy=BY_RULE))
async def test_the_only_one_that_went_out_unread_names_none(clerk: SimClerk) -> None:
    await sold(clerk, PHONE | {"quantity": 1, "serials": [FIRST]})
    await to_exchange(clerk)
    clerk.scan(FIRST)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    clerk.scan("6951")
    await clerk.at("goods.serial: enter", "supervisor.number")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    await to_goods(clerk)
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "goods.serial")
    clerk.scan(NEW)
    await clerk.wait("goods.serial_other")
    assert says(clerk, UNREAD[Language.EN])


@at_the_counter(Setting(language=Language.EN, policy=BY_RULE, rules={"serial": {"enabled": False}}))
async def test_a_shop_that_asks_for_no_numbers_is_asked_about_none(clerk: SimClerk) -> None:
    """The clerk alone agrees that it is paid for once more."""
    await sold(clerk)
    await paid_and_never_came(clerk)
    await to_goods(clerk)
    clerk.scan(FIRST)
    await clerk.at("goods.serial_other: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "refund.confirm: enter", "cash.hand_over: enter", "result")
    await clerk.home()
    assert moved(clerk)[-1] == (1_000, FIRST)


async def taken_back(clerk: SimClerk) -> None:
    """The first one, up to who approves it."""
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
    clerk.scan(FIRST)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")


@at_the_counter()
async def test_an_approved_plan_that_names_it_is_approved_anew(clerk: SimClerk) -> None:
    """Of two receipts, left to do; meanwhile the piece was paid for by another, and never came."""
    cup = {"sku": "C-1", "name": "Cup", "quantity": 1, "unit_price": 900}
    await sell(clerk, "CUP", {"kind": "points", "amount": 900}, lines=[cup], **CASH)
    await sold(clerk)
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 1")
    await taken_back(clerk)
    await clerk.wait("ticket.plan")
    clerk.scan("CUP")
    await clerk.wait_text("Several receipts")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.approve()
    await clerk.wait("refund.confirm")
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.log_in()
    clerk.scan("GOODS")
    await taken_back(clerk)
    await clerk.approve()
    await paid_out(clerk)
    clerk.press("menu", "4", "3")
    await clerk.at("stock.slip: 3 enter", "stock.line: 1", "stock.correct: 5", "supervisor.number")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    assert await clerk.wait("supervisor.number", "refund.confirm") == "supervisor.number"
    assert says(clerk, PAID[Language.EN].replace("(1)", "(3)"))
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await paid_out(clerk)
    assert [one for one in moved(clerk) if one[1]] == [
        (1_000, FIRST),
        (-1_000, FIRST),
        (1_000, FIRST),
    ]


@pytest.mark.parametrize("number", [FIRST, SECOND, "352099001761481"])
@pytest.mark.parametrize("language", Language)
def test_a_number_is_no_code_of_what_goes_out(number: str, language: Language) -> None:
    """Nor is that of a new phone, which nobody here has heard of: its price was asked for."""
    said = {
        Language.EN: "That is a piece's number: scan the goods' code",
        Language.ZH_CN: "这是序列号,请扫商品条码",
    }

    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await to_exchange(clerk)
        clerk.scan(FIRST)
        await clerk.wait_text("15.00")
        await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
        clerk.scan(number)
        await clerk.wait_text(said[language][:4])
        assert says(clerk, said[language])
        clerk.scan("6951")
        await clerk.wait("goods.serial")

    tell(story, Setting(language=language, policy=BY_RULE))


@in_both_languages
async def test_any_piece_may_be_the_unread_one_that_was_paid_for_and_never_came(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody read its number, and so nobody can tell another from it."""
    perhaps = {
        Language.EN: "Phone: request 1 paid for one, number not read, that never came",
        Language.ZH_CN: "Phone:申请 1 已退过一件未读序列号的,该件未退回",
    }
    await sold(clerk)
    await to_goods(clerk)
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "goods.serial: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.wait("supervisor.number")
    await clerk.approve()
    await paid_out(clerk)
    clerk.press("menu", "4", "3")
    await clerk.at("stock.slip: 1 enter", "stock.line: 1", "stock.correct: 5", "supervisor.number")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    await to_goods(clerk)
    clerk.scan(FIRST)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.wait("supervisor.number")
    assert says(clerk, perhaps[language])
    await clerk.approve()
    await paid_out(clerk)
    assert moved(clerk)[-1] == (1_000, FIRST)
    told = " ".join(explained(clerk, 2, language, capsys).split())
    assert perhaps[language] in told
