"""Goods that the shop lists as not returnable, with its ground (R14)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, explained, sell, tell

from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

SOCKS = {"sku": "S1", "name": "Socks", "quantity": 1, "unit_price": 900, "category": "underwear"}
VASE = {"sku": "V1", "name": "Vase", "quantity": 1, "unit_price": 2_000, "category": "home"}
CUP = {"sku": "C1", "name": "Cup", "quantity": 1, "unit_price": 700, "category": "home"}
LISTED: Final[dict[str, Any]] = {
    "returnable": {
        "categories": {"underwear": {"zh": "贴身衣物", "en": "Underwear"}},
        "skus": {"V1": {"zh": "清仓商品", "en": "Clearance"}},
    }
}


@pytest.mark.parametrize(
    ("language", "socks", "vase"),
    [
        (
            Language.EN,
            "Not returnable: Socks Underwear",
            "Not returnable: Vase Clearance",
        ),
        (Language.ZH_CN, "该商品不可退:Socks 贴身衣物", "该商品不可退:Vase 清仓商品"),
    ],
)
def test_what_the_shop_lists_is_refused_at_once(language: Language, socks: str, vase: str) -> None:
    async def story(clerk: SimClerk) -> None:
        cash = {"kind": "cash", "amount": 3_600}
        await sell(clerk, "GOODS", cash, lines=(SOCKS, VASE, CUP), **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
        beeps = clerk.site.terminal.screen.beeps
        clerk.scan("S1")
        await clerk.wait_text(socks)
        await clerk.at(": 2")
        await clerk.wait_text(vase)
        assert clerk.site.terminal.screen.beeps == beeps + 2
        clerk.scan("C1")
        await clerk.wait_text("7.00")
        # all of it is refused with the ground, but a defect asks a supervisor who reads it
        clerk.scan("C1")
        await clerk.at(": 3", "refund.quantity: 0 enter", "refund.lines: menu")
        await clerk.at("refund.amount: enter", "refund.reason: 4", "result")
        assert socks in " ".join(clerk.text.split())
        await clerk.home()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
        await clerk.wait("supervisor.number")
        assert socks in " ".join(clerk.text.split())
        await clerk.home()

    tell(story, Setting(language=language, rules=LISTED))


LAMP = {"sku": "L1", "name": "Lamp", "quantity": 2, "unit_price": 1_000, "category": "home"}
FINAL = {"returnable": False, "not_returnable_because": "final sale", "barcodes": ["6902"]}


async def to_goods(clerk: SimClerk, **changes: Any) -> None:
    """A lamp that the till calls not returnable, and a cup."""
    cash = {"kind": "cash", "amount": 2_700}
    await sell(clerk, "GOODS", cash, lines=(LAMP | FINAL, CUP), **(CASH | changes))
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")


async def paid(clerk: SimClerk) -> None:
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()


@pytest.mark.parametrize("by", ["digit", "scan"])
@pytest.mark.parametrize(
    ("language", "shut", "again", "mean"),
    [
        (Language.EN, "Not returnable: Lamp final sale", "choose it once more", "it is defective"),
        (Language.ZH_CN, "该商品不可退:Lamp final sale", "再选一次", "确认:有质量问题"),
    ],
)
def test_what_is_shut_comes_back_alone_where_it_is_defective(
    language: Language, shut: str, again: str, mean: str, by: str
) -> None:
    """Picked once it says why not, picked again it asks; a supervisor decides. Its reason is its
    own: the other goods' is another."""

    async def story(clerk: SimClerk) -> None:
        def pick() -> None:
            clerk.press("1") if by == "digit" else clerk.scan("6902")

        await to_goods(clerk)
        pick()
        await clerk.wait_text(again)
        assert shut in " ".join(clerk.text.split())
        pick()
        await clerk.wait("goods.defective")
        assert shut in " ".join(clerk.text.split())
        assert mean in clerk.text
        await clerk.at(": cancel", "refund.lines")
        pick()
        await clerk.at("goods.defective: enter")
        if by == "digit":
            await clerk.at("refund.quantity: 1 enter")
        await clerk.wait("refund.lines")
        await clerk.wait_text("10.00")
        clerk.scan("C1")
        await clerk.wait_text("17.00")
        await clerk.at(": menu", "refund.amount: enter", "refund.reason: 4", "supervisor.number")
        assert shut in " ".join(clerk.text.split())
        await paid(clerk)
        verify_store(clerk.site.ledger)
        application = clerk.site.application(1)
        said = {one.line: one.looked.reason for one in application.items if one.looked}
        assert (application.reason, said) == ("4", {1: "1", 2: "4"})
        # the rest of it as well: by a reason of its own, not by that of the others
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "result")
        assert shut in " ".join(clerk.text.split())
        await clerk.home()

    tell(story, Setting(language=language))


def test_alone_and_defective_by_the_shops_own_list() -> None:
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "GOODS", {"kind": "cash", "amount": 1_600}, lines=(SOCKS, CUP), **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
        await clerk.wait_text("once more")
        await clerk.at(": 1", "goods.defective: enter", "refund.quantity: enter", "refund.lines")
        await clerk.at(": menu", "refund.amount: enter", "refund.reason: 1", "supervisor.number")
        await paid(clerk)
        assert [one.quantity for one in clerk.site.ledger.stock.after(0, 9)] == [1_000]

    tell(story, Setting(language=Language.EN, rules=LISTED))


def test_given_another_reason_it_stays(capsys: pytest.CaptureFixture[str]) -> None:
    """Its own reason changed line by line: the rule refuses what it would have asked for."""

    async def story(clerk: SimClerk) -> None:
        await to_goods(clerk)
        await clerk.at("refund.lines: 1")
        await clerk.wait_text("once more")
        await clerk.at(": 1", "goods.defective: enter", "refund.quantity: 1 enter")
        await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: menu")
        await clerk.at("goods.or_note: 2", "goods.line: 2", "goods.reason: 4", "goods.line: menu")
        await clerk.at("refund.reason: 4", "result")
        assert "Not returnable: Lamp" in clerk.text
        told = explained(clerk, 1, Language.EN, capsys)
        assert "Goods that are not returnable: denied" in told

    tell(story, Setting(language=Language.EN))


def test_after_the_statutory_days_nothing_opens_it() -> None:
    async def story(clerk: SimClerk) -> None:
        await to_goods(clerk, sold_at="2026-11-12T10:00:00+08:00")
        before = clerk.site.terminal.screen.beeps
        clerk.press("1", "1", "1")
        await clerk.site.until(
            lambda: clerk.site.terminal.screen.beeps == before + 3, 60, "third beep"
        )
        assert "Not returnable: Lamp final sale" in clerk.text
        assert "once more" not in clerk.text
        assert clerk.prompt == "refund.lines"

    tell(story, Setting(language=Language.EN))


def test_they_stay_whichever_payments_an_amount_is_of() -> None:
    """7.00 of the cup can go back: not 8.00, of which neither payment gives more than that."""

    async def story(clerk: SimClerk) -> None:
        ways = [{"kind": "points", "amount": 400}, {"kind": "cash", "amount": 2_300}]
        await sell(clerk, "GOODS", *ways, lines=(VASE, CUP), **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: 8 0 0 enter", "refund.reason: 4", "result")
        assert "Not returnable: Vase Clearance" in " ".join(clerk.text.split())
        await clerk.home()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: 7 0 0 enter", "refund.reason: 4")
        await clerk.at("ticket.plan")

    tell(story, Setting(language=Language.EN, rules=LISTED))


NONE_CAME = {Language.ZH_CN: "商品: 未退回", Language.EN: "Goods: none came back"}
SHUT = {Language.ZH_CN: "Lamp ×2 不可退", Language.EN: "Lamp ×2 (no return)"}


@pytest.mark.parametrize("amount", ["enter", "2000 enter"])
@pytest.mark.parametrize("language", Language)
def test_what_never_came_is_not_returned(language: Language, amount: str) -> None:
    """However long ago: a supervisor reads the ground, and that nothing comes back."""

    async def story(clerk: SimClerk) -> None:
        cash = {"kind": "cash", "amount": 2_000}
        sold_at = {"sold_at": "2026-11-12T10:00:00+08:00"}
        await sell(clerk, "GOODS", cash, lines=(LAMP | FINAL,), **(CASH | sold_at))
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.wait("sale")
        assert SHUT[language] in clerk.text
        await clerk.at("sale: enter", f"refund.amount: {amount}", "refund.reason: 3")
        await clerk.wait("supervisor.number")
        text = " ".join(clerk.text.split())
        assert "Lamp final sale" in text
        assert NONE_CAME[language] in text
        await paid(clerk)
        assert clerk.site.ledger.stock.after(0, 9) == []
        verify_store(clerk.site.ledger)

    tell(story, Setting(language=language))


def test_by_the_clerks_word_alone_it_stays() -> None:
    """The reason supposes goods: who says that none came back would only go round the rule."""

    async def story(clerk: SimClerk) -> None:
        await to_goods(clerk)
        await clerk.at("refund.lines: menu", "refund.amount: 2000 enter", "refund.reason: menu")
        await clerk.wait("goods.or_note", "goods.back")
        if clerk.prompt == "goods.or_note":
            await clerk.at("goods.or_note: 2", "goods.back")
        assert "None came back" in clerk.text
        await clerk.at("goods.back: 1", "refund.reason: 4", "result")
        assert "Not returnable: Lamp" in clerk.text

    tell(story, Setting(language=Language.EN))


def test_one_line_that_never_came_beside_goods_that_did() -> None:
    async def story(clerk: SimClerk) -> None:
        await sell(
            clerk, "GOODS", {"kind": "cash", "amount": 2_700}, lines=(LAMP | FINAL, CUP), **CASH
        )
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: menu")
        await clerk.at("goods.or_note: 2", "goods.lines: 1", "goods.line: 2", "goods.reason: 3")
        await clerk.at("goods.line: menu", "goods.lines: menu", "refund.reason: 4")
        await clerk.wait("supervisor.number")
        await paid(clerk)
        assert [one.sku for one in clerk.site.ledger.stock.after(0, 9)] == ["C1"]

    tell(story, Setting(language=Language.EN))
