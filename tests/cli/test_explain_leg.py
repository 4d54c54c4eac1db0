"""``explain`` tells which leg it is about, and what the acquirer knows its payment by (R67)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from worlds.all_tables import fill
from worlds.ledger import VISA, World

from pos_terminal.cli.explain import Teller
from pos_terminal.cli.main import run_command
from pos_terminal.config import load
from pos_terminal.core.decision import Answer, Phase, StoredVerdict
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.refund import Kind
from pos_terminal.texts import Language, known
from pos_terminal.wire.receipt.kinds.proof import Proof

FIRST: Final[dict[str, Any]] = {
    "terminal_id": "00000011",
    "batch": "000041",
    "trace": "000101",
    "rrn": "600509000101",
    "auth_code": "AAA101",
    "paid_at": "2026-01-05T09:01:02+08:00",
}
SECOND: Final[dict[str, Any]] = {
    "terminal_id": "00000012",
    "batch": "000042",
    "trace": "000202",
    "rrn": "600509000202",
    "auth_code": "BBB202",
    "paid_at": "2026-01-05T04:03:04+03:00",
}
SHORT: Final = ("batch", "trace", "rrn", "auth_code")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def card(amount: int, **payment: Any) -> dict[str, Any]:
    return {"kind": "card", "amount": amount, "pan": VISA.reveal(), "scheme": "VISA"} | payment


def explained(world: World, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    config = str(world.write_config())
    assert run_command(["explain", "--config", config, *words]) == 0
    return capsys.readouterr().out


def two_legs(world: World) -> None:
    """A card twice and cash beside it."""
    record = world.record("S1", amount=10_000)
    for name in SHORT:
        del record[name]
    cash = {"kind": "cash", "amount": 1_000}
    record["tenders"] = [card(6_000, **FIRST), card(3_000, **SECOND), cash]
    assert world.take_in(record).added == 1


@pytest.mark.parametrize(("leg", "own", "other"), [(1, FIRST, SECOND), (2, SECOND, FIRST)])
def test_each_leg_has_its_own_numbers_and_none_of_the_other(
    world: World,
    leg: int,
    own: dict[str, str],
    other: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    two_legs(world)
    number = str(world.apply_for(1_000, leg=leg).number)
    told = explained(world, capsys, number, "--language", "en")
    clock = {1: "2026-01-05 09:01:02", 2: "2026-01-05 09:03:04"}[leg]
    assert (
        f"  terminal {own['terminal_id']}, batch {own['batch']}, trace {own['trace']},"
        f" RRN {own['rrn']}, code {own['auth_code']}, paid {clock}\n"
    ) in told
    assert f"payment {leg}: Card {VISA.masked} {'60.00' if leg == 1 else '30.00'}\n" in told
    for value in other.values():
        assert value not in told
    chinese = explained(world, capsys, number, "--language", "zh_CN")
    assert f"批次号 {own['batch']}, 凭证号 {own['trace']}, 参考号 {own['rrn']}" in chinese
    facts = json.loads(explained(world, capsys, number, "--json"))["leg"]
    assert {name: facts[name] for name in own if name != "paid_at"} == {
        name: value for name, value in own.items() if name != "paid_at"
    }
    assert facts["paid_at"] == f"{clock.replace(' ', 'T')}+08:00"
    amount = 6_000 if leg == 1 else 3_000
    assert (facts["leg"], facts["kind"], facts["amount"]) == (leg, "card", amount)
    assert facts["masked"] == VISA.masked
    assert VISA.reveal() not in told + chinese


def test_what_a_till_did_not_tell_stands_as_unknown(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    record = world.record("S2", batch="", trace="", rrn="", auth_code="")
    record["tenders"] = [{"kind": "card", "amount": 10_000, "masked": "****0010"}]
    assert world.take_in(record).added == 1
    number = str(world.apply_for(1_000, "S2").number)
    told = explained(world, capsys, number, "--language", "en")
    assert "batch -, trace -, RRN -, code -, paid 2026-01-05 09:00:00" in told
    facts = json.loads(explained(world, capsys, number, "--json"))["leg"]
    assert [facts[name] for name in SHORT] == ["", "", "", ""]


def test_a_leg_that_no_acquirer_knows_has_no_numbers(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    two_legs(world)
    number = str(world.apply_for(1_000, leg=3).number)
    told = explained(world, capsys, number, "--language", "en")
    assert "payment 3: Cash 10.00\n" in told
    assert "trace" not in told
    facts = json.loads(explained(world, capsys, number, "--json"))["leg"]
    assert (facts["kind"], facts["trace"], facts["paid_at"]) == ("cash", None, None)


def test_a_limit_that_is_none_is_no_amount(world: World) -> None:
    tell = Teller(Language.EN, load(world.write_config()))
    for limit, said in ((0, "limit none"), (5_000, "limit 50.00")):
        figures = {"amount": 0, "limit": limit}
        verdict = StoredVerdict(Phase.BEFORE_CARD, "cash_limit", Answer.ALLOW, "", {}, figures)
        (_, line) = tell.decisions([verdict])
        assert f"amount 0.00, {said}" in line


@pytest.mark.parametrize("language", Language)
def test_proofs_of_purchase_of_the_sale_are_counted(
    world: World, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    world.sell()
    number = world.apply_for(100).number
    told = [explained(world, capsys, str(number), "--language", language.value)]
    key = world.sale().key
    for _ in range(2):
        world.do(world.store.slips.prove(key, lambda n: world.slip(body=Proof(n)), "101"))
    told.append(explained(world, capsys, str(number), "--language", language.value))
    word = {Language.ZH_CN: "消费凭证 2 次", Language.EN: "printed of this sale: 2"}
    assert [word[language] in one for one in told] == [False, True]
    facts = json.loads(explained(world, capsys, str(number), "--json"))
    assert facts["proofs"] == 2


def test_the_voucher_and_the_points_that_went_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the one that had paid; no whole number of either."""
    fill(world)
    assert run_command(["ledger", "--config", str(world.write_config()), "--json"]) == 0
    lists = json.loads(capsys.readouterr().out)
    (ours,) = [one for one in lists["vouchers"] if one["paid_by"]]
    refunds = {one["refund_id"]: one["application"] for one in lists["refunds"]}
    number = str(refunds[ours["refund_id"]])
    facts = json.loads(explained(world, capsys, number, "--json"))["voucher"]
    assert facts == {
        "number": ours["number"], "state": "open",
        "paid_by": ours["paid_by"], "paid_by_refund": ours["paid_by_refund"],
        "paid_by_payout": None,
    }  # fmt: skip
    told = explained(world, capsys, number, "--language", "en")
    assert f"paid by voucher {ours['paid_by']}, issued for refund {ours['paid_by_refund']}" in told
    (movement,) = [one for one in lists["stock"] if one["what"] == "points"]
    of_points = str(movement["application"])
    assert json.loads(explained(world, capsys, of_points, "--json"))["points"] == 1
    assert "points, movement 1: 5.00" in explained(world, capsys, of_points, "--language", "en")


@pytest.mark.parametrize("kind", Kind)
def test_how_it_went_back_is_said_in_words(kind: Kind) -> None:
    assert known(f"explain.value_{kind.value}")


@pytest.mark.parametrize(
    ("answer", "chinese", "english"),
    [
        (GoodsBack.NONE, "商品: 未退回", "Goods: none came back"),
        (GoodsBack.UNKNOWN, "商品: 不详", "Goods: not known"),
        (None, None, None),
    ],
)
def test_whether_goods_came_back_with_a_typed_amount(
    world: World,
    answer: GoodsBack | None,
    chinese: str | None,
    english: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world.sell()
    number = str(world.apply_for(100, goods_back=answer).number)
    for language, line in ((Language.ZH_CN, chinese), (Language.EN, english)):
        told = explained(world, capsys, number, "--language", language.value).splitlines()
        assert (line in told) if line else not any("商品" in one or "Goods" in one for one in told)
    facts = json.loads(explained(world, capsys, number, "--json"))
    assert facts["goods_back"] == (None if answer is None else answer.value)
