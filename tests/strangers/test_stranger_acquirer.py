"""Somebody else's acquirer at the end of the line: what it is sent, and what its answers do."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from stranger_card import CONTACT_ATR, TAP_ATR, Chip, contact, visa_tap
from stranger_counter import Counter, sale
from stranger_host import Host, Step, answer_sign_on, cut, says, silent
from stranger_iso import Message, pack

PAN, OTHER = "4012000033330026", "4000056655665556"
TMS_DEMAND = "6"


@dataclass
class Line:
    """The counter, the acquirer, and sales that are nobody else's."""

    counter: Counter
    host: Host
    older: list[dict[str, Any]] = field(default_factory=list)
    today: list[dict[str, Any]] = field(default_factory=list)

    def present(self, sale_: dict[str, Any], chip: Chip | None = None, amount: str = "") -> str:
        """A sale's money back to a tapped card; the outcome as the clerk reads it."""
        self.counter.to_card(sale_["receipt_no"], amount)
        with self.counter.card("tap", chip or visa_tap(PAN), TAP_ATR):
            return self.counter.result()

    def refund(self, *plans: Callable[..., Any], **how: Any) -> tuple[str, dict[str, Any]]:
        self.host.plans.extend(plans)
        shown = self.present(self.older.pop(), **how)
        return shown, self.counter.last()

    def void(self, *plans: Callable[..., Any]) -> tuple[str, dict[str, Any]]:
        self.host.plans.extend(plans)
        shown = self.present(self.today.pop())
        return shown, self.counter.last()


@pytest.fixture(scope="module")
def open_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("line")
    older = [sale(n, PAN, 1000 + 7 * n) for n in range(1, 40)]
    today = [sale(n, PAN, 1000 + 7 * n, days=0) for n in range(40, 60)]
    other = sale(60, OTHER, 4321)
    feed = folder / "further.jsonl"
    feed.write_text("".join(json.dumps(one) + "\n" for one in [*older, *today, other]), "utf-8")
    with (
        Host() as host,
        Counter(
            folder / "bench",
            *("--acquirer", host.address, "--sales", str(feed), "--repeat", "identical"),
        ) as counter,
    ):
        host.keys = counter.json("acquirer-keys.json")
        counter.configure(
            answer_seconds=1.0, repeat_seconds=0.1, background_seconds=0.3, customer_seconds=3.5
        )
        counter.start()
        yield Line(counter, host, [other, *older], today)


@pytest.fixture
def line(open_line: Line) -> Iterator[Line]:
    open_line.counter.home()
    open_line.host.forget()
    yield open_line
    assert open_line.host.misfits == []


def exact(message: Message) -> None:
    """Whether the bytes are those that the manual's packing gives for these values."""
    whole = bytes.fromhex(message.tpdu + message.header) + message.body
    assert pack(message.tpdu, message.header, message.mti, message.fields, None) == whole


def addressed(line: Line, message: Message) -> None:
    keys = line.host.keys
    assert message.tpdu == keys["tpdu"]
    assert message.header[:2] in ("60", "61")
    assert message.header[2:6] == "3100"
    assert (message.text(41), message.text(42)) == (keys["terminal_id"], keys["merchant_id"])
    exact(message)


# --- what it is sent ------------------------------------------------------------------------------


def test_the_sign_on_asks_for_keys_and_the_refund_follows_to_the_letter(line: Line) -> None:
    line.counter.restart()
    line.host.wait(lambda: line.host.seen)
    sign_on = line.host.seen[0]
    addressed(line, sign_on)
    batch = line.host.keys["batch"]
    assert (sign_on.mti, set(sign_on.fields)) == ("0800", {11, 41, 42, 60, 63})
    assert sign_on.text(60) == f"00{batch}003"

    original = line.older[-1]
    shown, refund = line.refund(amount="123")
    assert "退货成功" in shown
    (request,) = line.host.money()
    addressed(line, request)
    assert request.mti == "0220"
    wanted = {2, 3, 4, 11, 14, 22, 23, 25, 37, 41, 42, 49, 60, 61, 63, 64}
    assert set(request.fields) - {38} == wanted
    day = original["sold_at"][5:7] + original["sold_at"][8:10]
    assert request.text(61) == original["batch"] + original["trace"] + day
    assert {number: request.text(number) for number in (2, 3, 4, 14, 22, 23, 25, 37, 49, 63)} == {
        2: PAN,
        3: "200000",
        4: f"{123:012d}",
        14: "3012",
        22: "072",
        23: "001",
        25: "00",
        37: original["rrn"],
        49: "156",
        63: "000",
    }
    assert request.text(60)[:12] in (f"25{batch}0005", f"25{batch}0006")
    assert request.mac_is(line.host.mak)
    assert int(request.text(11)) > int(original["trace"])
    assert (refund["stan"], refund["original_rrn"]) == (request.text(11), original["rrn"])


def test_a_void_names_its_sale_in_twelve_digits_and_goes_in_full(line: Line) -> None:
    original = line.today[-1]
    shown, refund = line.void()
    assert "撤销成功" in shown
    (request,) = line.host.money()
    addressed(line, request)
    assert request.mti == "0200"
    wanted = {2, 3, 4, 11, 14, 22, 23, 25, 37, 38, 41, 42, 49, 60, 61, 64}
    assert set(request.fields) == wanted
    assert request.text(61) == original["batch"] + original["trace"]
    assert (request.text(37), request.text(38)) == (original["rrn"], original["auth_code"])
    assert (request.text(3), request.amount) == ("200000", original["amount"])
    assert request.text(60)[:11] == f"23{line.host.keys['batch']}000"
    assert request.mac_is(line.host.mak)
    assert refund["kind"] == "void"


def test_an_inserted_card_without_expiry_and_sequence_gives_none(line: Line) -> None:
    counter = line.counter
    counter.to_card(line.older.pop()["receipt_no"])
    with counter.card("contact", contact("A0000000031010", PAN, bare=True), CONTACT_ATR) as card:
        counter.hands.wait("card.remove")
        card.pull()
        assert "退货成功" in counter.result()
    (request,) = line.host.money()
    exact(request)
    assert not {14, 23, 35, 52, 55} & set(request.fields)
    assert request.text(22) == "052"


def test_an_unanswered_void_is_reversed_under_its_own_trace_number(line: Line) -> None:
    shown, refund = line.void(silent, says("25"))
    assert "撤销未成功,请重做" in shown
    void, reversal = line.host.money()
    addressed(line, reversal)
    assert (reversal.mti, reversal.text(39)) == ("0400", "98")
    wanted = {2, 3, 4, 11, 14, 22, 23, 25, 38, 39, 41, 42, 49, 60, 61, 64}
    assert set(reversal.fields) - {62} == wanted
    for number in (2, 3, 4, 11, 14, 22, 23, 25, 49, 60, 61):
        assert reversal.fields[number] == void.fields[number], number
    assert reversal.mac_is(line.host.mak)
    assert (refund["state"], refund["done"]) == ("reversed", 0)


# --- what its answers do --------------------------------------------------------------------------

MINIMAL = {f"f{number}": None for number in (2, 3, 12, 13, 15, 25, 32, 44, 49, 60, 63)}


@pytest.mark.parametrize("kind", ["refund", "void"])
def test_the_least_that_an_answer_may_say_is_enough(line: Line, kind: str) -> None:
    shown, refund = getattr(line, kind)(says("00", **MINIMAL))
    assert "成功" in shown
    assert (refund["state"], refund["repeats"], len(line.host.money())) == ("accepted", 0, 1)


def by_single_bytes(host: Host, request: Message) -> Iterable[Step]:
    for one in host.packed(request, host.fields(request)):
        yield bytes([one])


def anothers_then_ours_twice(host: Host, request: Message) -> Iterable[Step]:
    strange = host.packed(request, host.fields(request) | {11: "000001"})
    ours = host.packed(request, host.fields(request))
    yield strange + ours + ours


@pytest.mark.parametrize("plan", [by_single_bytes, anothers_then_ours_twice])
def test_an_answer_in_any_pieces_counts_once(line: Line, plan: Callable[..., Any]) -> None:
    shown, refund = line.refund(plan)
    assert "退货成功" in shown
    assert (refund["state"], refund["repeats"], len(line.host.money())) == ("accepted", 0, 1)


def garbage(_host: Host, _request: Message) -> Iterable[Step]:
    yield b"\xff" * 64


@pytest.mark.parametrize(
    "wrong",
    [
        [says("00", f11="000001"), says("00", f4="000000000001"), cut],
        [says("00", f41="99999999"), says("00", f42="9" * 15), garbage],
        [says("00", f60="2500009900060"), says("00", f4=None), says("00", f39=None)],
        [says("00", f49="344"), says("00", f3="000000"), cut],
    ],
)
def test_what_is_no_answer_to_the_request_changes_nothing(line: Line, wrong: list[Any]) -> None:
    shown, refund = line.refund(*wrong)
    assert "退货成功" in shown
    sent = line.host.money()
    assert len(sent) == 4
    assert len({message.body for message in sent}) == 1  # byte for byte the same
    assert refund["rrn"] == f"9{line.host.serial:011d}"  # of the last answer, the only right one
    assert refund["done"] == sent[0].amount


@pytest.mark.parametrize("key", [bytes(range(16)), b""])
def test_an_approval_without_its_mac_is_none(line: Line, key: bytes) -> None:
    def forged(host: Host, request: Message) -> Iterable[Step]:
        yield host.packed(request, host.fields(request), key=key)

    _, refund = line.refund(forged)
    assert [message.mti for message in line.host.seen] == ["0220", "0800", "0220"]
    first, second = line.host.money()
    assert first.body[:-8] == second.body[:-8]
    assert first.body[-8:] != second.body[-8:]  # a fresh MAK
    assert second.mac_is(line.host.mak)
    assert (refund["state"], refund["rrn"]) == ("accepted", f"9{line.host.serial:011d}")


def test_silence_is_an_open_outcome_not_a_refusal_and_ends_by_itself(line: Line) -> None:
    original = line.older[-1]
    answered = line.host
    answered.plans.extend([silent] * 60)
    shown = line.present(line.older.pop())
    assert "结果未知" in shown.split("\n")[0]
    assert "结果未知,勿重复退款" in shown
    assert "未退款" not in shown  # nobody knows that
    refund = line.counter.last()
    assert (refund["state"], refund["done"]) == ("unknown", 0)
    sold = next(
        one for one in line.counter.hands.ledger()["sales"] if one["sale_id"] == original["sale_id"]
    )
    assert sold["tenders"][0]["held"] == original["amount"]
    answered.plans.clear()
    line.counter.until(lambda: line.counter.last()["state"] == "accepted", "the late approval")
    assert len({message.body[:-8] for message in answered.money()}) == 1


@pytest.mark.parametrize(
    ("code", "words", "state"),
    [
        ("A2", "交易成功,请向发卡行确认", "accepted"),
        ("01", "请联系发卡行", "declined"),
        ("51", "余额不足", "declined"),
    ],
)
def test_a_code_is_said_in_words(line: Line, code: str, words: str, state: str) -> None:
    shown, refund = line.refund(says(code))
    assert words in shown
    assert (refund["state"], refund["response"]) == (state, code)
    assert ("未退款" in shown) == (state == "declined")


def test_ten_commits_what_the_answer_names(line: Line) -> None:
    shown, refund = line.refund(says("10", f4=f"{100:012d}"))
    assert "部分承兑" in shown
    assert "¥1.00" in shown
    assert (refund["state"], refund["done"]) == ("accepted", 100)


def test_ten_with_all_of_it_is_not_called_a_part(line: Line) -> None:
    shown, refund = line.refund(says("10"))
    assert (refund["state"], refund["done"]) == ("accepted", refund["amount"])
    assert "部分" not in shown


def test_seventy_seven_takes_a_new_number_and_a0_keeps_it(line: Line) -> None:
    line.refund(says("77"))
    first, second = line.host.money()
    assert first.text(11) != second.text(11)
    line.counter.home()
    line.host.forget()
    line.refund(says("A0"))
    first, second = line.host.money()
    assert first.body[:-8] == second.body[:-8]


def test_a_void_that_is_not_possible_becomes_a_refund(line: Line) -> None:
    original = line.today.pop()
    line.host.plans.append(says("12"))
    shown = line.present(original)
    assert "不能撤销,请用退货" in shown
    line.counter.home()
    shown = line.present(original)
    assert "退货成功" in shown
    void, refund = line.host.money()
    assert (void.mti, refund.mti) == ("0200", "0220")
    assert refund.text(61)[:12] == void.text(61)


def test_a_stolen_card_gets_nothing_any_more(line: Line) -> None:
    line.host.plans.append(says("43"))
    other = line.older.pop(0)
    shown = line.present(other, visa_tap(OTHER))
    assert "未退款" in shown
    line.counter.home()
    line.counter.hands.scan(other["receipt_no"])
    line.counter.hands.wait("sale")
    assert "收单机构拒绝了此笔付款的卡" in line.counter.hands.rows()
    assert len(line.host.money()) == 1  # the acquirer is not asked again
    assert line.counter.last()["state"] == "declined"


# --- keys, demands, what a profile promises -------------------------------------------------------


def test_the_hosts_demand_to_sign_on_is_met_before_the_next_message(line: Line) -> None:
    line.host.demand = "3"
    line.refund()
    line.host.demand = TMS_DEMAND
    line.counter.home()
    line.refund()
    assert [message.mti for message in line.host.seen] == ["0220", "0800", "0220"]
    line.counter.until(
        lambda: line.counter.state()["host"]["demand"] == TMS_DEMAND, "the technician's notice"
    )


def test_keys_with_a_wrong_check_value_leave_the_old_ones_in_use(line: Line) -> None:
    def wrong_check(host: Host, request: Message) -> Iterable[Step]:
        good, mak = host.keys, host.mak
        host.keys = good | {"tmk": "00" * 15 + "01"}
        yield from answer_sign_on(host, request)
        host.keys, host.mak = good, mak

    line.host.demand = "3"
    line.refund()
    old = line.host.mak
    line.host.demand, line.host.sign_on = "0", wrong_check
    line.counter.home()
    shown, _ = line.refund()
    assert [message.mti for message in line.host.seen] == ["0220", "0800", "0220"]
    assert "退货成功" in shown
    assert line.host.seen[-1].mac_is(old)


@pytest.mark.parametrize(("variant", "single"), [("001", False), ("004", False), ("003", True)])
def test_every_variant_of_the_keys(line: Line, variant: str, single: bool) -> None:
    line.counter.stop()
    line.host.single = single
    line.host.keys["tmk"] = new_master_key(line.counter.folder, variant)
    line.counter.start()
    line.host.wait(lambda: line.host.seen)
    line.counter.until(lambda: line.counter.state()["host"]["signed_on"], "the sign-on")
    shown, _ = line.refund()
    assert "退货成功" in shown
    sign_on, request = line.host.seen
    assert sign_on.text(60)[8:] == variant
    assert len(line.host.mak) == (8 if single or variant == "001" else 16)
    assert request.mac_is(line.host.mak)


def new_master_key(folder: Path, variant: str) -> str:
    """Two people load two components, with the exchange that their acquirer wants."""
    parts = [secrets.token_bytes(16), secrets.token_bytes(16)]
    spec = {"tmk_components": [part.hex() for part in parts], "key_exchange": variant}
    command = [sys.executable, "-P", "-m", "pos_terminal", "provision", "--replace-keys"]
    subprocess.run(
        [*command, "--from", "-", "--config", str(folder / "terminal.toml")],
        input=json.dumps(spec),
        text=True,
        check=True,
        capture_output=True,
        timeout=30,
    )
    return bytes(a ^ b for a, b in zip(*parts, strict=True)).hex()


def test_an_acquirer_that_promises_nothing_is_asked_once(line: Line) -> None:
    line.counter.restart(repeat="never")
    try:
        original = line.older[-1]
        shown, refund = line.refund(silent)
        assert "结果未知,勿重复退款" in shown
        assert refund["state"] == "unknown"
        assert len(line.host.money()) == 1
        assert any(
            case["refund_id"] == refund["refund_id"]
            for case in line.counter.hands.ledger()["cases"]
        )
        line.counter.home()  # the sale is blocked, the terminal is not
        line.counter.hands.scan(original["receipt_no"])
        line.counter.until(
            lambda: line.counter.hands.screen()["prompt"] not in ("home", "find.wait"), "the sale"
        )
        assert line.counter.hands.screen()["prompt"] != "refund.amount"
        line.counter.home()
        shown, _ = line.refund()
        assert "退货成功" in shown
        assert len(line.host.money()) == 2
    finally:
        line.counter.restart(repeat="identical")
