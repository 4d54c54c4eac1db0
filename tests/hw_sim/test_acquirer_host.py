"""The acquirer's checks, its memory, and its book: what is paid, and what field 39 says."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hw_sim.acquirer.book import Book
from hw_sim.acquirer.records import Account, RecordError, Terminal, read_sales
from hw_sim.acquirer.server import Acquirer
from worlds import acquirer
from worlds.acquirer import NOW

from pos_terminal import profiles
from pos_terminal.core.eligibility import VoidScope
from pos_terminal.core.pan import Pan
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec, Decoded
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.keys import KeyExchangeError, SessionKeys, parse_keys
from pos_terminal.wire.iso8583.matching import matches
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.wire.iso8583.requests import RefundRequest, SignOnRequest

PLASTIC, PHONE, OTHER = "4761739001010010", "5413330089020011", "3530111333300000"
TERMINAL = replace(acquirer.TERMINAL, tpdu="6000030000")
PAR = "V0010013018036721111111111111"
SALE = acquirer.a_sale(PLASTIC, par=PAR, also=[Account(pan=PHONE)])


@dataclass
class Desk:
    """An acquirer and somebody who sends it one message after the other."""

    acquirer: Acquirer
    terminal: Terminal = TERMINAL
    keys: SessionKeys | None = None

    def __post_init__(self) -> None:
        self.profile = self.acquirer.profile
        self.codec = Codec(self.profile)
        self.stans = (f"{number:06d}" for number in itertools.count(1))

    def exchange(self, request: Message) -> Decoded | None:
        mak = None if self.keys is None else self.keys.mak
        frames = FrameReader(self.profile)
        (body,) = frames.feed(self.codec.encode(request, mak))
        delivered = frames.feed(self.acquirer.exchange(body).data)
        return self.codec.decode(delivered[0]) if delivered else None

    def ask(self, request: Message) -> Message:
        answer = self.exchange(request)
        assert answer is not None
        assert matches(self.profile, request, answer.message) is None
        assert self.codec.mac_ok(answer, self.keys.mak if self.keys else None)
        return answer.message

    def heard(self, request: Message) -> Message:
        """Whatever comes as an answer, trusted or not."""
        answer = self.exchange(request)
        assert answer is not None
        return answer.message

    def code(self, request: Message) -> str | None:
        return self.ask(request).get(39)

    def sign_on(self) -> Message:
        own = self.terminal
        request = SignOnRequest(
            terminal_id=own.terminal_id,
            merchant_id=own.merchant_id,
            batch=own.batch,
            tpdu=own.tpdu,
            stan=next(self.stans),
            variant=own.key_exchange,
        )
        answer = self.heard(requests.sign_on(self.profile, request))
        if answer.get(39) == "00":
            self.keys = parse_keys(self.profile, own.key_exchange, own.tmk, answer.get(62))
        return answer

    def request(self, **changes: Any) -> RefundRequest:
        facts = {"amount": 4_000} | changes
        return acquirer.request_of(self.terminal, SALE, next(self.stans), **facts)

    def refund(self, **changes: Any) -> Message:
        return requests.refund(self.profile, self.request(**changes))

    def void(self, **changes: Any) -> Message:
        return requests.void(self.profile, self.request(**{"amount": SALE.amount} | changes))

    @property
    def paid(self) -> int:
        return sum(row["paid"] for row in self.acquirer.ledger())

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.acquirer.ledger() if row["kind"] == kind]


def make(
    profile: Profile | None = None,
    now: Callable[[], datetime] = lambda: NOW,
    book: Book | None = None,
    terminal: Terminal = TERMINAL,
) -> Desk:
    host = Acquirer(profile or profiles.load("cup"), [terminal], now, book=book)
    host.add_sales([SALE])
    return Desk(host, terminal)


@pytest.fixture
def desk() -> Desk:
    found = make()
    assert found.sign_on().get(39) == "00"
    return found


# --- sign-on ---


def test_sign_on_brings_fresh_keys_and_the_batch() -> None:
    desk = make()
    first = desk.sign_on()
    old = desk.keys
    assert first.mti == "0810"
    assert first.get(60) == "00" + "000042" + "003"
    assert (first.get(12), first.get(13)) == ("150000", "1122")
    assert first.get(64) is None
    assert first.tpdu == "6000000003", "destination and source are swapped"
    desk.sign_on()
    assert old is not None
    assert desk.keys != old


@pytest.mark.parametrize("variant", ["001", "003", "004"])
def test_every_variant_of_keys(variant: str) -> None:
    desk = make(terminal=replace(TERMINAL, key_exchange=variant))
    desk.sign_on()
    assert desk.code(desk.refund()) == "00"
    assert (desk.keys is not None and desk.keys.tdk is not None) == (variant == "004")


def test_a_single_length_mak() -> None:
    desk = make(terminal=replace(TERMINAL, single_mak=True))
    desk.sign_on()
    assert desk.keys is not None
    assert len(desk.keys.mak) == 8
    assert desk.code(desk.refund()) == "00"


def test_wrong_check_values_keep_the_old_keys_on_both_sides(desk: Desk) -> None:
    desk.acquirer.set_mode("bad-kcv", count=1)
    with pytest.raises(KeyExchangeError):
        desk.sign_on()
    assert desk.code(desk.refund()) == "00"


def test_echo_and_sign_off(desk: Desk) -> None:
    own = TERMINAL
    station = requests.Station(
        terminal_id=own.terminal_id, merchant_id=own.merchant_id, batch=own.batch, tpdu=own.tpdu
    )
    echo = requests.echo(desk.profile, station)
    answer = desk.heard(echo)
    assert (answer.mti, answer.get(39), answer.get(64)) == ("0830", "00", None)
    off = desk.heard(requests.sign_off(desk.profile, station, next(desk.stans)))
    assert (off.mti, off.get(39)) == ("0830", "00")
    refused = desk.heard(desk.refund())
    assert (refused.get(39), refused.get(64)) == ("A0", None)


# --- refunds ---


def test_a_refund_is_paid_and_booked(desk: Desk) -> None:
    request = desk.refund()
    answer = desk.ask(request)
    assert answer.mti == "0230"
    assert answer.get(39) == "00"
    assert answer.get(37) not in (None, SALE.rrn)
    assert answer.get(63) == "CUP"
    assert set(answer.fields) >= {2, 3, 4, 11, 12, 13, 15, 25, 32, 37, 41, 42, 44, 49, 60, 64}
    (row,) = desk.rows("refund")
    assert row == {
        "kind": "refund",
        "terminal_id": TERMINAL.terminal_id,
        "batch": "000042",
        "stan": request.get(11),
        "rrn": answer.get(37),
        "original_rrn": SALE.rrn,
        "amount": 4_000,
        "paid": 4_000,
        "state": "accepted",
        "response": "00",
    }
    (sale,) = desk.rows("sale")
    assert (sale["amount"], sale["paid"], sale["given_back"]) == (10_000, 0, 4_000)


def test_never_more_than_the_sale(desk: Desk) -> None:
    assert [desk.code(desk.refund()) for _ in range(3)] == ["00", "00", "61"]
    assert desk.code(desk.refund(amount=2_000)) == "00"
    assert desk.code(desk.refund(amount=1)) == "61"
    assert desk.paid == SALE.amount


def test_a_payment_that_was_adjusted_is_of_its_newest_total(desk: Desk) -> None:
    """Of 10,000; whatever the till tells first, and below what went back, too."""

    def adjust(total: int, minutes: int) -> None:
        at = NOW + timedelta(minutes=minutes)
        desk.acquirer.book.adjust(SALE.rrn, SALE.merchant_id, total, at)

    adjust(12_000, 2)
    adjust(5_000, 1)
    assert desk.rows("sale")[0]["amount"] == 12_000
    assert [desk.code(desk.refund()) for _ in range(4)] == ["00", "00", "00", "61"]
    adjust(3_000, 3)
    assert desk.code(desk.refund(amount=1)) == "61"
    adjust(12_500, 4)
    assert desk.code(desk.refund(amount=500)) == "00"
    assert [row["given_back"] for row in desk.acquirer.book.adjustments()] == [0, 0, 12_000, 12_000]
    with pytest.raises(KeyError):
        desk.acquirer.book.adjust("632614999999", SALE.merchant_id, 1, NOW)


def test_a_void_is_of_the_whole_newest_total(desk: Desk) -> None:
    desk.acquirer.book.adjust(SALE.rrn, SALE.merchant_id, 11_000, NOW)
    assert desk.code(desk.void()) == "64"
    assert desk.code(desk.void(amount=11_000)) == "00"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"original_rrn": "632614999999"}, "25"),
        ({"original_mmdd": "1121"}, "25"),
        ({"original_trace": "000102"}, "25"),
        ({"original_batch": "000041"}, "25"),
        ({"original_auth": "XXXXXX"}, "25"),
        ({"pan": Pan(OTHER)}, "14"),
        ({"currency": "840"}, "13"),
        ({"batch": "000043"}, "77"),
        ({"pan": Pan(PHONE)}, "00"),
        ({"original_auth": None}, "00"),
        ({"original_batch": "000000", "original_trace": "000000"}, "00"),
    ],
)
def test_what_a_refund_must_name(desk: Desk, changes: dict[str, Any], code: str) -> None:
    assert desk.code(desk.refund(**changes)) == code
    assert desk.paid == (4_000 if code == "00" else 0)


def test_a_phone_is_known_by_its_par_from_another_sale(desk: Desk) -> None:
    assert SALE.par is not None
    phone = "6250947000000014"
    assert desk.code(desk.refund(pan=Pan(phone))) == "14"
    changes = {"sale_id": "S2", "rrn": "632614000002", "pan": phone, "also": []}
    desk.acquirer.add_sales([msgspec.structs.replace(SALE, **changes)])
    assert desk.code(desk.refund(pan=Pan(phone))) == "00"


LEG = msgspec.structs.replace(
    SALE, pan=OTHER, amount=500, par=None, also=[], rrn="632614000002", trace="000102"
)
"""Another payment of the same sale."""


def test_each_leg_of_a_split_tender_is_a_payment_of_its_own(desk: Desk) -> None:
    assert desk.acquirer.add_sales([LEG, LEG]) == 1
    own: dict[str, Any] = {"original_rrn": LEG.rrn, "original_trace": LEG.trace}
    assert desk.code(desk.refund(pan=Pan(OTHER), amount=501, **own)) == "61"
    assert desk.code(desk.refund(pan=Pan(OTHER), amount=500, **own)) == "00"
    assert desk.code(desk.refund(amount=SALE.amount)) == "00"


def test_what_does_not_fit_the_payment_is_refused(desk: Desk) -> None:
    """The other leg's card, trace, RRN or day in place of its own: of each pair nothing is paid."""
    desk.acquirer.add_sales([LEG])
    assert desk.code(desk.refund(pan=Pan(OTHER))) == "14"
    assert desk.code(desk.refund(original_trace=LEG.trace)) == "25"
    assert desk.code(desk.refund(original_rrn=LEG.rrn)) == "25"
    assert desk.code(desk.refund(original_rrn=LEG.rrn, original_trace=LEG.trace)) == "14"
    assert desk.code(desk.refund(original_mmdd="0101")) == "25"
    assert desk.paid == 0


def test_an_rrn_is_one_payment_s(desk: Desk) -> None:
    same = msgspec.structs.replace(LEG, rrn=SALE.rrn)
    with pytest.raises(RecordError, match="another payment"):
        desk.acquirer.add_sales([same])


def test_strangers(desk: Desk) -> None:
    for changes, code in (({41: "99999999"}, "97"), ({42: "898310053310009"}, "03")):
        assert desk.heard(desk.refund().with_fields(changes)).get(39) == code
    assert desk.paid == 0


def test_a_missing_field_is_a_format_error(desk: Desk) -> None:
    assert desk.code(desk.refund().with_fields({37: None})) == "30"


def test_a_wrong_mac_pays_nothing(desk: Desk) -> None:
    request, good = desk.refund(), desk.keys
    desk.keys = SessionKeys(secrets.token_bytes(16))
    assert desk.heard(request).get(39) == "A0"
    desk.keys = good
    assert desk.paid == 0
    assert desk.code(request) == "00", "a refused MAC is not remembered"


def test_a_message_that_is_no_request_gets_no_answer(desk: Desk) -> None:
    assert desk.exchange(Message("0230", {39: "00"})) is None


# --- memory ---


def test_the_identical_message_is_paid_once(desk: Desk) -> None:
    request = desk.refund()
    first, second = desk.ask(request), desk.ask(request)
    assert first == second
    assert desk.paid == 4_000


def test_the_identical_message_under_a_new_key_is_paid_once(desk: Desk) -> None:
    request = desk.refund()
    first = desk.ask(request)
    desk.sign_on()
    assert desk.ask(request).get(37) == first.get(37)
    assert desk.paid == 4_000


def test_other_content_with_the_same_stan_is_a_duplicate(desk: Desk) -> None:
    request = desk.refund()
    desk.ask(request)
    assert desk.code(request.with_fields({4: "000000004001"})) == "94"
    assert desk.paid == 4_000


def test_a_decline_is_remembered_too(desk: Desk) -> None:
    request = desk.refund(amount=10_001)
    assert desk.ask(request) == desk.ask(request)
    assert len(desk.rows("refund")) == 1


def test_a_new_batch_has_its_own_memory(desk: Desk) -> None:
    request = desk.refund()
    desk.ask(request)
    desk.acquirer.begin_batch(TERMINAL.terminal_id, "000043")
    assert desk.code(desk.refund()) == "77"
    assert desk.code(request) == "00", "the old batch is still remembered"
    assert desk.sign_on().get(60) == "00000043003"
    assert desk.code(request.with_fields({60: "2500004300060"})) == "00"
    assert desk.paid == 8_000


def test_a_forgetful_host_pays_again(desk: Desk) -> None:
    request = desk.refund()
    desk.acquirer.set_mode("forgetful")
    assert [desk.code(request) for _ in range(3)] == ["00", "00", "61"]
    assert desk.paid == 8_000


def test_forgetting_answers_keeps_the_session(desk: Desk) -> None:
    request = desk.refund()
    assert desk.code(request) == "00"
    desk.acquirer.book.forget_answers()
    assert desk.code(request) == "00", "its MAC is still good, and it is paid again"
    assert desk.paid == 8_000


def test_amnesia_loses_answers_and_sessions_but_no_money(desk: Desk) -> None:
    request = desk.refund()
    desk.ask(request)
    desk.acquirer.book.forget()
    assert desk.heard(request).get(39) == "A0"
    desk.sign_on()
    assert desk.code(request) == "00"
    assert desk.paid == 8_000


@pytest.mark.parametrize(("ahead", "told"), [(0, "1122 150000"), (-57_600, "1121 230000")])
def test_its_clock_may_be_wrong(desk: Desk, ahead: float, told: str) -> None:
    desk.acquirer.ahead = timedelta(seconds=ahead)
    answer = desk.sign_on()
    assert f"{answer.get(13)} {answer.get(12)}" == told


def test_the_book_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "book.sqlite"
    desk = make(book=Book(file))
    desk.sign_on()
    request = desk.refund()
    first = desk.ask(request)
    desk.acquirer.book.close()

    again = make(book=Book(file))
    again.keys = desk.keys
    assert again.ask(request) == first
    assert again.paid == 4_000
    assert len(again.rows("sale")) == 1


# --- voids and reversals ---


def test_a_void_and_its_reversal(desk: Desk) -> None:
    void = desk.void()
    assert desk.ask(void).mti == "0210"
    assert desk.rows("sale")[0]["state"] == "voided"
    assert desk.paid == SALE.amount
    assert desk.code(desk.refund()) == "61"
    assert desk.code(desk.void()) == "12"

    reversal = requests.reversal(desk.profile, void)
    answer = desk.ask(reversal)
    assert (answer.mti, answer.get(39)) == ("0410", "00")
    assert desk.ask(reversal) == answer, "remembered, beside its original"
    assert desk.paid == 0
    assert desk.rows("sale")[0]["state"] == "approved"
    assert [row["state"] for row in desk.rows("void")] == ["reversed", "declined"]
    assert desk.code(desk.void()) == "00", "the sale stands again"


def test_a_reversal_of_a_void_that_never_arrived(desk: Desk) -> None:
    void = desk.void()
    assert desk.code(requests.reversal(desk.profile, void)) == "25"
    assert desk.code(void) == "94", "too late: it was reversed"
    assert desk.paid == 0
    assert desk.code(desk.void()) == "00"


def test_a_reversal_of_a_declined_void(desk: Desk) -> None:
    void = desk.void(amount=9_999)
    assert desk.code(void) == "64"
    assert desk.code(requests.reversal(desk.profile, void)) == "25"


def test_a_reversal_with_another_amount_undoes_nothing(desk: Desk) -> None:
    void = desk.void()
    desk.ask(void)
    reversal = requests.reversal(desk.profile, void).with_fields({4: "000000000001"})
    assert desk.code(reversal) == "94"
    assert desk.paid == SALE.amount


def test_a_refund_is_never_reversed(desk: Desk) -> None:
    """0400 for a refund of ``cup`` finds no row of the table with such a content."""
    refund = desk.refund()
    desk.ask(refund)
    with pytest.raises(ValueError, match="never reversed"):
        requests.reversal(desk.profile, refund)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 9_999}, "64"),
        ({"original_trace": "000102"}, "25"),
        ({"pan": Pan(OTHER)}, "14"),
        ({"pan": Pan(PHONE)}, "00"),
    ],
)
def test_what_a_void_must_name(desk: Desk, changes: dict[str, Any], code: str) -> None:
    assert desk.code(desk.void(**changes)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sold_at": NOW - timedelta(days=1)}, "12"),
        ({"sold_at": NOW.replace(hour=0, minute=0)}, "00"),
        ({"sold_at": (NOW - timedelta(hours=1)).astimezone(UTC)}, "00"),
        ({"terminal_id": "10020002"}, "58"),
        ({"batch": "000041"}, "12"),
    ],
)
def test_which_sales_can_be_voided(desk: Desk, changes: dict[str, Any], code: str) -> None:
    sale = msgspec.structs.replace(SALE, rrn="632614000009", **changes)
    desk.acquirer.add_sales([sale])
    void = desk.void(original_rrn=sale.rrn, original_batch=sale.batch)
    assert desk.code(void) == code


def test_a_partly_refunded_sale_is_not_voided(desk: Desk) -> None:
    desk.ask(desk.refund())
    assert desk.code(desk.void()) == "12"


def test_a_merchant_may_void_what_another_terminal_sold_where_the_profile_says_so() -> None:
    desk = make(msgspec.structs.replace(profiles.load("cup"), void_scope=VoidScope.MERCHANT))
    desk.sign_on()
    sale = msgspec.structs.replace(SALE, rrn="632614000009", terminal_id="10020002", batch="000007")
    desk.acquirer.add_sales([sale])
    assert desk.code(desk.void(original_rrn=sale.rrn, original_batch=sale.batch)) == "00"


# --- another profile, and sales of its own ---


def test_the_generic_profile_reverses_refunds_and_knows_0221() -> None:
    desk = make(profiles.load("generic"))
    desk.sign_on()
    refund = desk.refund()
    first = desk.ask(refund)
    repeat = desk.ask(requests.repeat(desk.profile, refund))
    assert (first.mti, repeat.mti) == ("0210", "0230")
    assert repeat.get(37) == first.get(37)
    assert desk.paid == 4_000
    assert desk.code(requests.reversal(desk.profile, refund)) == "00"
    assert desk.paid == 0


def test_a_sale_can_be_made_and_voided(desk: Desk) -> None:
    sale = desk.ask(requests.sale(desk.profile, desk.request(pan=Pan(OTHER), amount=777)))
    void = desk.void(
        pan=Pan(OTHER),
        amount=777,
        original_rrn=sale.fields[37],
        original_trace=sale.fields[11],
        original_auth=sale.fields[38],
    )
    assert desk.code(void) == "00"
    assert desk.paid == 777


# --- records ---


def test_a_bad_sales_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sales.jsonl"
    good = msgspec.json.encode(SALE).decode()
    file.write_text(good + "\n\n" + good.replace('"amount":10000', '"amount":-1') + "\n")
    with pytest.raises(RecordError, match=r"sales\.jsonl: sale 3: .*amount"):
        read_sales(file)
    file.write_text(good + "\n" + json.dumps({**json.loads(good), "new": 1}) + "\n")
    assert read_sales(file) == [SALE, SALE]


def test_card_numbers_are_not_printed(desk: Desk) -> None:
    desk.ask(desk.refund())
    shown = f"{SALE!r} {SALE.also!r} {desk.acquirer.book.sale(SALE.rrn, SALE.merchant_id)!r}"
    shown += json.dumps(desk.acquirer.log.entries()) + json.dumps(desk.acquirer.ledger())
    assert PLASTIC not in shown
    assert PHONE not in shown
    assert TERMINAL.tmk.hex() not in repr(TERMINAL)
