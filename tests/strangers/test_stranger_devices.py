"""Somebody else's cards and somebody else's printer at the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from stranger_card import (
    CONTACT_ATR,
    OK,
    TAP_ATR,
    Chip,
    contact,
    padded,
    tlv,
    track2,
    two_numbers,
    unionpay_tap,
    visa_tap,
)
from stranger_counter import Counter, sale
from stranger_printer import MODELS, Model, Printer

VISA, MASTERCARD, UNIONPAY = "4012000033330026", "5555555555554444", "6205500000000000004"
PLASTIC, PHONE = "6250947000000014", "6210948000000029"
PAR = "V0010013020160112233445566778"
MASTERCARD_AID = "A0000000041010"


@dataclass
class Shop:
    counter: Counter
    printer: Printer
    sales: dict[str, list[dict[str, Any]]]

    def ask(self, pan: str) -> None:
        """To the prompt for the card of one of its sales."""
        self.counter.to_card(self.sales[pan].pop()["receipt_no"])

    def sees(self, text: str) -> None:
        """Waits until it is on the screen."""
        self.counter.until(lambda: text in self.counter.hands.rows(), text)

    def printed(self) -> bool:
        """Whether no slip waits any more."""
        return bool(self.counter.hands.state()["slips"]["waiting"] == 0)

    def tap(self, chip: Chip) -> str:
        with self.counter.card("tap", chip, TAP_ATR):
            return self.counter.result()


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("devices")
    sales: dict[str, list[dict[str, Any]]] = {}
    for at, pan in enumerate((VISA, MASTERCARD, UNIONPAY, PLASTIC)):
        card = {"par": PAR} if pan == PLASTIC else {}
        sales[pan] = [sale(20 * at + n, pan, 2000 + 20 * at + n, card=card) for n in range(1, 20)]
    feed = folder / "further.jsonl"
    lines = [json.dumps(one) + "\n" for found in sales.values() for one in found]
    feed.write_text("".join(lines), "utf-8")
    with (
        Printer() as printer,
        Counter(folder / "bench", "--printer", printer.port, "--sales", str(feed)) as counter,
    ):
        counter.start()
        yield Shop(counter, printer, sales)


@pytest.fixture
def shop(open_shop: Shop) -> Shop:
    open_shop.counter.home()
    open_shop.counter.until(open_shop.printed, "the end of the last test's slips")
    open_shop.printer.tear_off()
    return open_shop


# --- cards ----------------------------------------------------------------------------------------


def only_read(chip: Chip) -> None:
    """Nothing was asked of the card but who it is, and no amount was ever named to it."""
    assert {apdu[1] for apdu in chip.seen} <= {0xA4, 0xA8, 0xB2, 0xC0, 0xCA}
    for apdu in chip.seen:
        if apdu[1] == 0xB2:
            assert apdu[3] & 7 == 4
        if apdu[1] == 0xA8 and chip.pdol:
            assert apdu[7] & 0x27 == 0x27  # TTQ: EMV mode, online, CVM as the documents have it
            assert apdu[8] & 0x80
            assert not any(apdu[11:23])  # 9F02 and 9F03


@pytest.mark.parametrize(("directory", "halting"), [(True, True), (False, False)])
def test_an_inserted_card_is_read_with_and_without_a_directory(
    shop: Shop, directory: bool, halting: bool
) -> None:
    chip = contact(MASTERCARD_AID, MASTERCARD, directory=directory)
    chip.halting = halting
    shop.ask(MASTERCARD)
    with shop.counter.card("contact", chip, CONTACT_ATR) as card:
        shop.counter.hands.wait("card.remove")
        card.pull()
        assert "退货成功" in shop.counter.result()
    refund = shop.counter.last()
    assert (refund["match"], refund["masked"]) == ("exact", "555555******4444")
    only_read(chip)


@pytest.mark.parametrize(("pan", "make"), [(VISA, visa_tap), (UNIONPAY, unionpay_tap)])
def test_a_tapped_card_is_read(shop: Shop, pan: str, make: Callable[[str], Chip]) -> None:
    chip = make(pan)
    shop.ask(pan)
    assert "退货成功" in shop.tap(chip)
    assert shop.counter.last()["match"] == "exact"
    only_read(chip)
    assert pan not in shop.printer.text


def test_a_phone_of_the_account_is_taken_and_the_acquirer_may_want_the_card(shop: Shop) -> None:
    shop.ask(PLASTIC)
    shown = shop.tap(unionpay_tap(PHONE, PAR))  # a device number that this acquirer never saw
    assert "请用购买时的卡或手机" in shown
    refund = shop.counter.last()
    assert (refund["match"], refund["response"]) == ("par", "14")


def pulled_at_the_record(apdu: bytes, answer: bytes) -> bytes | None:
    return None if apdu[1] == 0xB2 else answer


def noise_in_the_record(apdu: bytes, answer: bytes) -> bytes:
    return b"\x70\x84\xff\xff\xff\xff" + OK if apdu[1] == 0xB2 else answer


def one_byte(_apdu: bytes, _answer: bytes) -> bytes:
    return b"\x90"


def more_and_more(_apdu: bytes, _answer: bytes) -> bytes:
    return b"\x61\xff"


@pytest.mark.parametrize(
    ("twist", "words"),
    [
        (pulled_at_the_record, "卡片移开过早"),
        (one_byte, "卡片移开过早"),
        (noise_in_the_record, "读卡失败"),
        (more_and_more, "读卡失败"),
    ],
)
def test_a_card_that_can_not_be_read_is_asked_for_again(
    shop: Shop, twist: Callable[[bytes, bytes], bytes | None], words: str
) -> None:
    bad = unionpay_tap(UNIONPAY)
    bad.twist = twist
    shop.ask(UNIONPAY)
    before = shop.counter.hands.screen()["rows"]
    with shop.counter.card("tap", bad, TAP_ATR):
        shop.counter.until(
            lambda: (
                (screen := shop.counter.hands.screen())["prompt"] == "card.present"
                and screen["rows"] != before
            ),
            "another try",
        )
        assert words in shop.counter.hands.rows()
    assert "退货成功" in shop.tap(unionpay_tap(UNIONPAY))


def test_two_numbers_in_one_application_are_no_card(shop: Shop) -> None:
    chip = unionpay_tap(UNIONPAY)
    chip.records[1, 1] = tlv("70", track2(PLASTIC), tlv("5A", padded(UNIONPAY)))
    shop.ask(UNIONPAY)
    with shop.counter.card("tap", chip, TAP_ATR):
        shop.counter.hands.wait("card.reading|card.present")
        shop.sees("卡数据不一致")


def test_of_two_applications_the_one_of_the_sale_is_taken(shop: Shop) -> None:
    """The second one's number goes out and is on the slip; nothing is asked once it is known."""
    shop.ask(VISA)
    chip = two_numbers(UNIONPAY, VISA)
    assert "退货成功" in shop.tap(chip)
    refund = shop.counter.last()
    assert (refund["match"], refund["scheme"]) == ("exact", "visa")
    assert refund["masked"] == "401200******0026"
    assert [apdu[1] for apdu in chip.seen if apdu[1] != 0xCA] == [
        *(0xA4, 0xA4, 0xA8, 0xB2),
        *(0xA4, 0xA8),
    ]


def test_stray_digits_behind_the_number_refuse_nothing(shop: Shop) -> None:
    chip = unionpay_tap(UNIONPAY)
    chip.records[1, 1] = tlv("70", tlv("57", UNIONPAY + "D3012201ABCDE"))
    shop.ask(UNIONPAY)
    assert "退货成功" in shop.tap(chip)


def test_another_card_three_times_ends_the_attempt(shop: Shop) -> None:
    shop.ask(VISA)
    count = len(shop.counter.refunds())
    for left in ("还可试2次", "还可试1次"):
        with shop.counter.card("tap", unionpay_tap(UNIONPAY), TAP_ATR):
            shop.sees(left)
    shown = shop.tap(unionpay_tap(UNIONPAY))
    assert "未退款" in shown
    assert "卡号与原交易不符" in shown
    assert len(shop.counter.refunds()) == count


# --- the printer ----------------------------------------------------------------------------------


END, SENSORS = b"\x1d(H", b"\x1dr"


def jobs(shop: Shop) -> list[str]:
    """States of the last refund's two slips."""
    return [job["state"] for job in shop.counter.hands.ledger()["print_jobs"][-2:]]


def test_two_slips_are_confirmed_by_their_marks(shop: Shop) -> None:
    shop.ask(VISA)
    assert "小票已打印" in shop.tap(visa_tap(VISA))
    printer = shop.printer
    assert (printer.cuts, len(printer.marks), printer.text.count("持卡人签名")) == (2, 2, 1)
    assert jobs(shop) == ["confirmed", "confirmed"]


def test_paper_out_in_mid_slip_sends_nothing_again(shop: Shop) -> None:
    shop.printer.stop_after = 300
    shop.ask(VISA)
    assert "打印机缺纸" in shop.tap(visa_tap(VISA))
    assert "confirmed" not in jobs(shop)
    shop.printer.paper(True)
    shop.sees("小票已打印")
    assert (shop.printer.cuts, shop.printer.text.count("退货签购单")) == (2, 2)
    assert jobs(shop) == ["confirmed", "confirmed"]


def test_an_open_cover_is_said_and_the_money_is_not_touched(shop: Shop) -> None:
    shop.printer.cover(True)
    shop.ask(VISA)
    shown = shop.tap(visa_tap(VISA))
    assert "退货成功" in shown
    assert "开盖" in shown or "上盖" in shown or "盖" in shown
    shop.printer.cover(False)
    shop.sees("小票已打印")
    assert shop.printer.text.count("退货签购单") == 2


def reconnected(shop: Shop) -> None:
    hosts = shop.printer.hosts
    shop.printer.hang_up()
    shop.printer.wait(lambda: shop.printer.hosts > hosts)
    shop.counter.until(lambda: shop.counter.state()["devices"]["printer"]["up"], "the printer")


@pytest.fixture
def another(shop: Shop) -> Iterator[Callable[[str], Printer]]:
    """Another printer at the same address."""

    def one(name: str) -> Printer:
        shop.printer.model = MODELS[name]
        reconnected(shop)
        return shop.printer

    yield one
    shop.printer.claims_offline(False)
    shop.printer.model = Model()
    reconnected(shop)
    shop.counter.home()


@pytest.mark.parametrize("name", MODELS)
def test_a_printer_that_can_not_tell_is_asked_nothing_and_never_called_printed(
    shop: Shop, another: Callable[[str], Printer], name: str
) -> None:
    printer = another(name)
    if name == "no end":
        printer.wait(lambda: SENSORS in printer.received)  # asked when it came
    shop.ask(VISA)
    shown = shop.tap(visa_tap(VISA))
    shop.sees("小票已送打印机")
    assert "已打印" not in shown + shop.counter.hands.rows()
    assert printer.cuts == 2  # once each, not again by itself
    assert jobs(shop) == ["taken", "taken"]
    if name == "no end":
        assert bytes(printer.received).count(END) == 1, "never while a slip waits"
        assert printer.received.index(END) < printer.received.index(VISA[-4:].encode())
    hands = shop.counter.hands
    hands.press("enter")
    hands.wait("home")  # nothing is asked
    hands.press("menu", "2", "1")
    hands.wait("reprint.refund")
    hands.press("1")
    hands.wait("reprint.done")
    hands.press("enter")
    hands.wait("home")
    shop.counter.until(shop.printed, "the reprint")
    hands.press("menu", "cancel")
    hands.wait("home")  # nor of the copy
    assert jobs(shop) == ["taken", "taken"]


def test_what_happened_to_a_slip_is_said_and_enter_prints_nothing(
    shop: Shop, another: Callable[[str], Printer]
) -> None:
    printer = another("no end")
    printer.wait(lambda: SENSORS in printer.received)
    printer.stop_after = 300
    shop.ask(VISA)
    assert "打印机缺纸" in shop.tap(visa_tap(VISA))
    printer.paper(True)
    shop.sees("小票可能未打完")
    hands = shop.counter.hands
    hands.press("enter")
    hands.wait("print.unsure")
    assert "缺纸" in hands.rows()
    hands.press("enter", "enter")
    shop.counter.until(shop.printed, "the other slip")
    assert hands.screen()["prompt"] == "print.unsure"
    cuts = printer.cuts
    hands.press("2")
    hands.wait("home")
    assert jobs(shop) == ["dropped", "taken"]
    assert printer.cuts == cuts == 2


def test_a_printer_that_says_offline_prints_once_a_supervisor_answers_for_it(
    shop: Shop, another: Callable[[str], Printer]
) -> None:
    printer = another("only DLE EOT")
    printer.wait(lambda: SENSORS in printer.received)
    printer.claims_offline(True)
    shop.ask(VISA)
    assert "打印机脱机" in shop.tap(visa_tap(VISA))
    assert printer.cuts == 0
    hands = shop.counter.hands
    hands.press("enter")
    hands.wait("home")
    hands.press("menu", "2", "2")
    shop.counter.approve()
    hands.wait("print.anyway")
    hands.press("enter")
    shop.counter.until(shop.printed, "the slips")
    assert (printer.cuts, jobs(shop)) == (2, ["taken", "taken"])


def test_a_printer_that_falls_silent_is_said_and_its_slips_wait(shop: Shop) -> None:
    shop.ask(VISA)
    shop.printer.mute = True
    try:
        shown = shop.tap(visa_tap(VISA))
        assert "退货成功" in shown
        assert "小票已打印" not in shown
        assert "confirmed" not in jobs(shop)
    finally:
        shop.printer.mute = False
