"""AIDs, track 2, the filled PDOL: the parts of a reading."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core.sale import Funding
from pos_terminal.texts import catalogue
from pos_terminal.wire import aid
from pos_terminal.wire.apdu import Reply, parse_reply, select
from pos_terminal.wire.card_pdol import TerminalData, fill
from pos_terminal.wire.receipt.wording import Wording
from pos_terminal.wire.tlv import TlvError
from pos_terminal.wire.track2 import expiry_or_none, parse_pan, parse_track2

DATA = TerminalData(date(2026, 3, 9), bytes.fromhex("DEADBEEF"), "156", "156")


@pytest.mark.parametrize(
    ("text", "brand", "funding"),
    [
        ("A000000333010101", "unionpay", Funding.DEBIT),
        ("A00000033301010200", "unionpay", Funding.CREDIT),
        ("A000000333010103", "unionpay", Funding.CREDIT),
        ("A000000333020202", "unionpay", Funding.UNKNOWN),
        ("A0000000031010", "visa", Funding.UNKNOWN),
        ("A0000000032010", "visa", Funding.DEBIT),
        ("A0000000041010C123", "mastercard", Funding.UNKNOWN),
        ("A0000000043060", "maestro", Funding.DEBIT),
        ("A000000025010402", "amex", Funding.CREDIT),
        ("A0000000651010", "jcb", Funding.UNKNOWN),
        ("A0000003591010028001", "girocard", Funding.DEBIT),
    ],
)
def test_schemes_by_prefix(text: str, brand: str, funding: Funding) -> None:
    assert aid.scheme_of(bytes.fromhex(text)) == aid.Scheme(brand, funding)


def test_a_foreign_application_has_no_scheme() -> None:
    assert aid.scheme_of(bytes.fromhex("D2760000850101")) is None
    assert aid.scheme_of(b"") is None


def test_every_brand_has_its_name_in_both_languages() -> None:
    chinese, english = (Wording(catalogue(), (tongue,)) for tongue in ("zh", "en"))
    for _, brand, _ in aid._PREFIXES:
        assert f"card.scheme_{brand}" in catalogue()
        assert chinese.scheme(brand)
        assert english.scheme(brand)
    assert chinese.scheme("unionpay") == "银联"
    assert english.scheme("eftpos") == "eftpos"


def test_every_supported_aid_has_a_scheme() -> None:
    assert all(aid.scheme_of(prefix) for prefix in aid.SUPPORTED)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("4761739001010010", "4761739001010010"),
        ("374245001751006F", "374245001751006"),
        ("6228480402564890018F", "6228480402564890018"),
        ("476173900101FFFF", "476173900101"),
        ("47617390F1010010", None),
        ("47617390010100AF", None),
        ("4761", None),
        ("", None),
        ("47617390010100104761", None),
    ],
)
def test_card_numbers_are_read_whole_or_not(value: str, digits: str | None) -> None:
    pan = parse_pan(bytes.fromhex(value))
    assert (pan.reveal() if pan else None) == digits


def test_track_2_gives_number_and_expiry_alone() -> None:
    track = parse_track2(bytes.fromhex("4761739001010010D28122010123456789F"[:-1]))
    assert track is not None
    assert track.pan.reveal() == "4761739001010010"
    assert track.expiry == "2812"
    assert "123456789" not in repr(track)


@pytest.mark.parametrize(
    ("rest", "expiry"),
    [
        ("2812201ABCDEFF", "2812"),
        ("28122D1000000F", "2812"),
        ("2813201", None),
        ("2A12201", None),
        ("28", None),
        ("", None),
    ],
)
def test_what_the_issuer_has_behind_the_number_refuses_nothing(
    rest: str, expiry: str | None
) -> None:
    digits = f"4761739001010010D{rest}"
    track = parse_track2(bytes.fromhex(digits + "F" * (len(digits) % 2)))
    assert track is not None
    assert (track.pan.reveal(), track.expiry) == ("4761739001010010", expiry)


@pytest.mark.parametrize("value", ["4761739001010010", "4761D2812201F0", "D28122010000"])
def test_broken_track_2_is_none(value: str) -> None:
    assert parse_track2(bytes.fromhex(value.ljust(len(value) + len(value) % 2, "F"))) is None


@given(st.binary(max_size=24))
def test_any_bytes_are_a_number_or_none(value: bytes) -> None:
    for found in (parse_pan(value), getattr(parse_track2(value), "pan", None)):
        assert found is None or found.reveal() in value.hex()


def test_expiry_needs_a_month() -> None:
    assert expiry_or_none("301231") == "3012"
    assert expiry_or_none("3012") == "3012"
    assert expiry_or_none("3013") is None
    assert expiry_or_none("3000") is None


def test_the_pdol_is_filled_for_a_refund_of_nothing() -> None:
    pdol = "9F66049F02069F03069F1A0295055F2A029A039C019F37049F7A01DF6901"
    assert fill(bytes.fromhex(pdol), DATA).hex().upper() == (
        "83232780000000000000000000000000000001560000000000015626030920DEADBEEF0000"
    )


def test_other_lengths_than_usual() -> None:
    pdol = bytes.fromhex("9F1A035F2A019F3702 9F6606 9A00".replace(" ", ""))
    assert fill(pdol, DATA).hex().upper() == "830C00015656DEAD278000000000"


def test_no_pdol_is_an_empty_template() -> None:
    assert fill(b"", DATA) == b"\x83\x00"


def test_a_pdol_too_large_for_a_command_is_refused() -> None:
    with pytest.raises(TlvError):
        fill(bytes.fromhex("9F37FF"), DATA)
    assert fill(bytes.fromhex("9F377F9F377D"), DATA)[:3] == b"\x83\x81\xfc"


@given(st.binary(max_size=64))
def test_any_pdol_is_filled_or_refused(pdol: bytes) -> None:
    with suppress(TlvError):
        assert len(fill(pdol, DATA)) <= 255


def test_an_answer_needs_two_bytes() -> None:
    assert parse_reply(b"") is None
    assert parse_reply(b"\x90") is None
    assert parse_reply(b"\x01\x90\x00") == Reply(b"\x01", 0x9000)


def test_select_asks_for_the_first_or_the_next() -> None:
    assert select(b"\xa0\x00").hex() == "00a4040002a00000"
    assert select(b"\xa0\x00", following=True).hex() == "00a4040202a00000"
