"""Session keys of a sign-on: three layouts, single-length MAKs, and wrong check values."""

from __future__ import annotations

import secrets

import pytest

from pos_terminal import profiles
from pos_terminal.wire.iso8583 import mac
from pos_terminal.wire.iso8583.keys import KeyExchangeError, SessionKeys, make_keys, parse_keys

CUP = profiles.load("cup")
TMK = secrets.token_bytes(16)


def fresh(length: int, tdk: bool = False) -> SessionKeys:
    return SessionKeys(
        secrets.token_bytes(length),
        secrets.token_bytes(length),
        secrets.token_bytes(16) if tdk else None,
    )


@pytest.mark.parametrize(
    ("variant", "keys", "size"),
    [("001", fresh(8), 24), ("003", fresh(16), 40), ("004", fresh(16, tdk=True), 60)],
)
def test_keys_survive_the_exchange(variant: str, keys: SessionKeys, size: int) -> None:
    text = make_keys(CUP, variant, TMK, keys)
    assert len(text) == 2 * size
    assert parse_keys(CUP, variant, TMK, text) == keys


def test_a_mak_with_an_empty_second_half_is_single_length() -> None:
    keys = SessionKeys(secrets.token_bytes(8), secrets.token_bytes(16))
    text = make_keys(CUP, "003", TMK, keys)
    assert len(text) == 80
    assert parse_keys(CUP, "003", TMK, text).mak == keys.mak


def test_a_single_length_mak_with_the_check_value_of_the_whole() -> None:
    key, pik = secrets.token_bytes(8), secrets.token_bytes(16)
    whole = key + bytes(8)
    pieces = (pik, whole)
    text = b"".join(mac.encrypt(TMK, piece) + mac.check_value(piece) for piece in pieces).hex()
    assert parse_keys(CUP, "003", TMK, text).mak == key


def test_a_wrong_check_value_is_refused_and_named() -> None:
    text = bytearray(bytes.fromhex(make_keys(CUP, "003", TMK, fresh(16))))
    text[-1] ^= 1
    with pytest.raises(KeyExchangeError, match="MAK"):
        parse_keys(CUP, "003", TMK, text.hex())


def test_another_master_key_is_refused() -> None:
    text = make_keys(CUP, "003", TMK, fresh(16))
    with pytest.raises(KeyExchangeError, match="check value"):
        parse_keys(CUP, "003", secrets.token_bytes(16), text)


@pytest.mark.parametrize("text", [None, "", "zz", "00" * 24, "00" * 60])
def test_a_field_62_of_the_wrong_size_is_refused(text: str | None) -> None:
    with pytest.raises(KeyExchangeError):
        parse_keys(CUP, "003", TMK, text)


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(KeyExchangeError, match="variant 999"):
        parse_keys(CUP, "999", TMK, "00")


def test_keys_are_not_printed() -> None:
    keys = fresh(16)
    assert keys.mak.hex() not in repr(keys)
    assert repr(keys) == "SessionKeys()"


@pytest.mark.parametrize("length", [8, 16, 24])
def test_encrypt_and_decrypt(length: int) -> None:
    key, data = secrets.token_bytes(length), secrets.token_bytes(24)
    assert mac.decrypt(key, mac.encrypt(key, data)) == data


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="7 bytes"):
        mac.encrypt(bytes(7), bytes(8))
