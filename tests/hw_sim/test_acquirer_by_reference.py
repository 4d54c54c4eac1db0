"""The acquirer and refunds that name no card (R29): the whole reference, or nothing is paid."""

from __future__ import annotations

import itertools
import secrets
from typing import Any

import pytest
from hw_sim.acquirer.server import Acquirer
from msgspec.structs import replace
from worlds import acquirer
from worlds.acquirer import NOW, TERMINAL

from pos_terminal import profiles
from pos_terminal.core.pan import Pan
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile

PLASTIC, OTHER = "4761739001010010", "3530111333300000"
SALE = acquirer.a_sale(PLASTIC)
ANOTHER = acquirer.a_sale(
    OTHER, sale_id="S2", rrn="600510000099", trace="000099", auth_code="654321"
)
GENERIC = profiles.load("generic")


class Bank:
    """An acquirer with two payments, and whoever sends it messages."""

    def __init__(self, profile: Profile = GENERIC) -> None:
        self.profile = profile
        self.acquirer = Acquirer(profile, [TERMINAL], lambda: NOW)
        self.acquirer.add_sales([SALE, ANOTHER])
        self.mak = secrets.token_bytes(16)
        self.acquirer.book.set_mak(TERMINAL.terminal_id, self.mak)
        self.stans = (f"{number:06d}" for number in itertools.count(1))

    def answer(self, message: Message) -> Message:
        frames, codec = FrameReader(self.profile), Codec(self.profile)
        (body,) = frames.feed(codec.encode(message, self.mak))
        (told,) = frames.feed(self.acquirer.exchange(body).data)
        return codec.decode(told).message

    def code(self, message: Message) -> str | None:
        return self.answer(message).get(39)

    def request(self, **changes: Any) -> Message:
        bare = {"pan": None, "entry": requests.EntryMode.NONE}
        facts = acquirer.request_of(TERMINAL, SALE, next(self.stans), **(bare | changes))
        return requests.refund(self.profile, facts)

    @property
    def paid(self) -> int:
        return sum(int(row["paid"]) for row in self.acquirer.ledger())


def test_it_names_no_card_and_goes_to_the_account_that_paid() -> None:
    """Field 22 begins with 00, unspecified, as ISO 8583:1987 has it for no number at all."""
    bank = Bank()
    asked = bank.request(amount=100)
    assert not {2, 14, 23, 35} & set(asked.fields)
    assert (asked.get(22), asked.get(37), asked.get(38)) == ("002", SALE.rrn, SALE.auth_code)
    assert asked.get(61) == f"{SALE.batch}{SALE.trace}{SALE.sold_at:%m%d}"
    answer = bank.answer(asked)
    assert (answer.get(39), bank.paid) == ("00", 100)
    assert answer.get(2) is None


def test_never_more_than_the_payment_however_it_is_asked_for() -> None:
    bank = Bank()
    half = SALE.amount // 2
    assert bank.code(bank.request(amount=half)) == "00"
    card = {"pan": Pan(PLASTIC), "entry": requests.EntryMode.CHIP}
    assert bank.code(bank.request(amount=SALE.amount - half, **card)) == "00"
    assert bank.code(bank.request(amount=1)) == "61"
    assert bank.paid == SALE.amount


def test_the_identical_message_is_paid_once() -> None:
    bank = Bank()
    asked = bank.request(amount=100)
    answers = [bank.code(one) for one in (asked, asked, requests.repeat(bank.profile, asked))]
    assert (answers, bank.paid) == (["00"] * 3, 100)


def test_an_acquirer_that_wants_the_card_pays_nothing_without() -> None:
    cup = profiles.load("cup")
    bank = Bank(cup)
    bare = bank.request
    bank.profile = replace(cup, by_reference=True)  # whose terminal was set up otherwise
    assert bank.code(bare(amount=100)) == "57"
    assert bank.paid == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({37: None}, "30"),
        ({61: None}, "30"),
        ({38: None}, "25"),
        ({37: "0" * 12}, "25"),
        ({38: "000000"}, "25"),
        ({38: ANOTHER.auth_code}, "25"),
        ({37: ANOTHER.rrn}, "25"),
        ({61: f"{SALE.batch}000000{SALE.sold_at:%m%d}"}, "25"),
        ({61: f"000000{SALE.trace}{SALE.sold_at:%m%d}"}, "25"),
        ({61: f"{SALE.batch}{ANOTHER.trace}{SALE.sold_at:%m%d}"}, "25"),
        ({61: f"{SALE.batch}{SALE.trace}0101"}, "25"),
        ({49: "840"}, "13"),
        ({22: "012"}, "30"),
        ({22: "001"}, "30"),
        ({14: "3012"}, "30"),
        ({23: "001"}, "30"),
        ({2: PLASTIC}, "30"),
        ({2: OTHER, 22: "052"}, "14"),
    ],
)
def test_what_it_must_name(changes: dict[int, str | None], code: str) -> None:
    bank = Bank()
    assert bank.code(bank.request(amount=100).with_fields(changes)) == code
    assert bank.paid == 0


def test_zeros_are_taken_where_the_profile_sends_no_others() -> None:
    bank = Bank(replace(GENERIC, original_61="zero"))
    asked = bank.request(amount=100)
    assert (asked.get(61) or "").startswith("0" * 12)
    assert bank.code(asked) == "00"
    assert bank.code(bank.request(amount=100).with_fields({38: None})) == "25"


@pytest.mark.parametrize(
    "missing",
    [
        {"original_rrn": ""},
        {"original_auth": None},
        {"original_batch": ""},
        {"original_trace": ""},
        {"expiry": "3012"},
        {"card_sequence": "001"},
    ],
)
def test_the_terminal_sends_none_with_a_part_missing(missing: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="whole"):
        Bank().request(**missing)


def test_the_terminal_sends_none_to_an_acquirer_that_takes_none_and_voids_none() -> None:
    with pytest.raises(ValueError, match="refunds nothing by reference"):
        Bank(profiles.load("cup")).request()
    bare = {"pan": None, "entry": requests.EntryMode.NONE}
    with pytest.raises(ValueError, match="a void has the card"):
        requests.void(GENERIC, acquirer.request_of(TERMINAL, SALE, "000001", **bare))


def test_its_reversal_names_no_card_either() -> None:
    bank = Bank()
    asked = bank.request(amount=100)
    assert bank.code(asked) == "00"
    back = requests.reversal(bank.profile, asked)
    assert 2 not in back.fields
    assert (bank.code(back), bank.paid) == ("00", 0)


BARE: dict[str, Any] = {"pan": None, "entry": requests.EntryMode.NONE}
CARD: dict[str, Any] = {"pan": Pan(PLASTIC), "entry": requests.EntryMode.CHIP}


@pytest.mark.parametrize("how", [BARE, CARD])
def test_its_own_limits_hold_with_a_card_and_without(how: dict[str, Any]) -> None:
    """65: too often; 22: too old (`iso8583`'s table of field 39)."""
    once = Bank(replace(GENERIC, refunds_per_sale=1))
    first = once.request(amount=100, **how)
    assert [once.code(first), once.code(first)] == ["00", "00"], "the same one is no second"
    assert once.code(once.request(amount=100, **how)) == "65"
    assert once.paid == 100
    age = (NOW.date() - SALE.sold_at.date()).days
    for days, code in ((age, "00"), (age - 1, "22")):
        bank = Bank(replace(GENERIC, refund_window_days=days))
        assert bank.code(bank.request(amount=100, **how)) == code


def test_a_refund_that_was_reversed_leaves_room_for_another() -> None:
    bank = Bank(replace(GENERIC, refunds_per_sale=1))
    asked = bank.request(amount=100)
    assert bank.code(asked) == "00"
    assert bank.code(requests.reversal(bank.profile, asked)) == "00"
    assert bank.code(bank.request(amount=100)) == "00"


@pytest.mark.parametrize("name", profiles.names())
def test_trace_numbers_count_from_one(name: str) -> None:
    bank = Bank(profiles.load(name))
    assert bank.code(bank.request(amount=100, **CARD).with_fields({11: "000000"})) == "30"
    assert bank.paid == 0
