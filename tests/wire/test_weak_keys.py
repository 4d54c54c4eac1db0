"""No key that everybody can guess: all zeros, or one under which DES undoes itself."""

from __future__ import annotations

import pytest

from pos_terminal.profiles import load
from pos_terminal.wire.iso8583 import mac
from pos_terminal.wire.iso8583.keys import KeyExchangeError, SessionKeys, make_keys, parse_keys
from pos_terminal.wire.iso8583.weak_keys import _LISTED, has_weak_part

CUP = load("cup")
TMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
GOOD = bytes.fromhex("8F2A5C71D3E4960BB4196E2D7A80C35F")
ZEROS = bytes(8)
WEAK = [bytes.fromhex(key) for key in _LISTED[:4]]


@pytest.mark.parametrize("key", [*WEAK, ZEROS, b"\xff" * 8])
def test_a_weak_key_undoes_itself(key: bytes) -> None:
    """What makes it weak, computed: encrypted twice, a block is there again."""
    block = bytes(range(8))
    assert mac.encrypt(key, mac.encrypt(key, block)) == block
    assert has_weak_part(key)


@pytest.mark.parametrize("place", range(4, 16, 2))
def test_of_a_semi_weak_pair_each_undoes_the_other(place: int) -> None:
    one, other = (bytes.fromhex(key) for key in _LISTED[place : place + 2])
    block = bytes(range(8))
    assert mac.encrypt(other, mac.encrypt(one, block)) == block
    assert has_weak_part(one)
    assert has_weak_part(other)


@pytest.mark.parametrize("part", [*WEAK, ZEROS])
def test_one_weak_part_is_enough_whatever_its_parity(part: bytes) -> None:
    odd = bytes(byte ^ 1 for byte in part)
    assert has_weak_part(GOOD[:8] + part)
    assert has_weak_part(odd + GOOD[8:])
    assert not has_weak_part(GOOD)
    assert not has_weak_part(TMK)


@pytest.mark.parametrize(
    ("variant", "mak"),
    [
        ("001", ZEROS),
        ("001", WEAK[2]),
        ("003", ZEROS),
        ("003", bytes(16)),
        ("003", GOOD[:8] + WEAK[0]),
        ("004", bytes(16)),
    ],
)
def test_a_sign_on_with_such_a_mak_keeps_the_old_keys(variant: str, mak: bytes) -> None:
    """Its check value is right: it is the acquirer's, or somebody's between."""
    pik = GOOD if variant != "001" else GOOD[:8]
    keys = SessionKeys(mak=mak, pik=pik, tdk=GOOD if variant == "004" else None)
    field_62 = make_keys(CUP, variant, TMK, keys)
    with pytest.raises(KeyExchangeError, match="all zeros or another weak"):
        parse_keys(CUP, variant, TMK, field_62)


def test_a_pik_that_nothing_uses_may_be_zeros() -> None:
    keys = SessionKeys(mak=GOOD, pik=bytes(16))
    assert parse_keys(CUP, "003", TMK, make_keys(CUP, "003", TMK, keys)).mak == GOOD
