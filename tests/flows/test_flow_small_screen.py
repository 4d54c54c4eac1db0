"""The least display, 8 rows of 20 cells: what matters is in sight, the rest by scrolling."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation import screen
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import in_each_language, sell

from pos_terminal.core import cells
from pos_terminal.texts import Language

SAYS = {
    Language.ZH_CN: ("已结算", "退货成功", "小票已打印", "勿重复退款"),
    Language.EN: ("Batch settled", "Refundapproved", "Slipsprinted", "donotrefund"),
}


@pytest.fixture(autouse=True)
def _least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "COLUMNS", 20)
    monkeypatch.setattr(screen, "ROWS", 8)


def seen(clerk: SimClerk) -> str:
    frame = clerk.site.terminal.screen.frame
    assert frame is not None
    assert len(frame.rows) == 8
    assert all(cells.width(row.text) <= 20 for row in frame.rows)
    return "".join(row.text for row in frame.rows).replace(" ", "")


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_a_refund_on_the_least_display(clerk: SimClerk, language: Language) -> None:
    closed, approved, printed, unknown = SAYS[language]
    await clerk.log_in()
    sale = clerk.site.shop.sale("visa-older")
    await clerk.find(sale)
    await clerk.at(": enter", "refund.amount: down down down down")
    await clerk.wait_text(closed)
    await clerk.at("refund.amount: 100 enter", "refund.reason: down down up 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.wait("result")
    assert approved in seen(clerk)
    assert printed in seen(clerk)
    await clerk.go("enter", to="home")
    clerk.site.acquirer.set_mode("swallow")
    await clerk.give_back(sale, 200)
    await clerk.accept()
    assert unknown in seen(clerk)


@pytest.mark.parametrize("language", Language)
@in_each_language(repeat="never")
async def test_what_is_asked_of_the_customer_stays_in_sight(
    clerk: SimClerk, language: Language
) -> None:
    """However much there is to be said of the outcome above it."""
    await clerk.log_in()
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.site.acquirer.set_mode("swallow")
    clerk.insert("visa")
    await clerk.wait("card.remove")
    take = {Language.ZH_CN: "请取走卡片", Language.EN: "Pleasetakethecard"}
    outcome = {Language.ZH_CN: "结果未知", Language.EN: "Outcomeunknown"}
    assert take[language] in seen(clerk)
    assert outcome[language] in seen(clerk)


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_a_card_is_asked_for_beneath_what_was_wrong_with_the_last_one(
    clerk: SimClerk, language: Language
) -> None:
    await clerk.log_in()
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("mastercard")
    wrong = {Language.ZH_CN: "还可试2次", Language.EN: "2left"}
    ask = {Language.ZH_CN: "请插卡或挥卡", Language.EN: "Insertortapcard"}
    await clerk.wait("card.reading")
    await clerk.wait("card.present")
    assert wrong[language] in seen(clerk)
    assert ask[language] in seen(clerk)


MIXED: dict[str, str] = dict.fromkeys(("batch", "trace", "rrn", "auth_code"), "")


def card(last: str, amount: int) -> dict[str, object]:
    numbers = {"batch": "000001", "trace": f"00{last}", "rrn": f"63231300{last}"}
    masked = f"476173******{last}"
    return {"kind": "card", "amount": amount, "masked": masked, "scheme": "VISA", **numbers}


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_a_sale_of_four_payments_has_its_reasons_and_its_plan_in_a_few_keys(
    clerk: SimClerk, language: Language
) -> None:
    """The reasons are there at once, what they are about is above them; of the plan no payment
    takes more than two turns of the page, for the clerk and for the supervisor."""
    english = language is Language.EN
    await clerk.log_in()
    voucher = {"kind": "voucher", "amount": 1_000, "voucher_no": "2900017"}
    cash = {"kind": "cash", "amount": 2_000}
    await sell(clerk, "MIXED", card("0010", 5_001), card("0011", 3_002), cash, voucher, **MIXED)
    clerk.scan("MIXED")
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason")
    first, last = ("Defective", "mistake") if english else ("质量问题", "错收款")
    assert first in seen(clerk)
    assert last in seen(clerk)
    assert "50.01" not in seen(clerk)
    clerk.press("up")
    await clerk.wait_text("50.01")
    clerk.press("down", "down")
    await clerk.wait_text(">1")
    assert last in seen(clerk)
    amounts = ("50.01", "30.02", "10.00", "20.00")
    await clerk.at("refund.reason: 1", "ticket.plan")
    shown = turned_twice(clerk)
    assert [one for one in amounts if one not in shown] == []
    await clerk.at("ticket.plan: enter", "supervisor.number")
    assert "110.03" in seen(clerk)
    shown = turned_twice(clerk)
    assert [one for one in amounts if one not in shown] == []


def turned_twice(clerk: SimClerk) -> str:
    """All that was in sight, and is after two keys; then back to the beginning."""
    found = seen(clerk)
    for key in ("down", "down", "up", "up", "up"):
        clerk.press(key)
        found += seen(clerk) if key == "down" else ""
    return found
