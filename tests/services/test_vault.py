"""Sealed card data: one key a record, gone when its slot is overwritten (R54)."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

import pytest
from worlds.failures import failure_of

from pos_terminal.core.pan import Pan
from pos_terminal.core.words import Failure
from pos_terminal.services.security.tokens import KeyedTokens, key_id
from pos_terminal.services.security.vault import BLOCK, RING_FILE, SLOTS, Vault, open_vault

SECRET = b'{"2":"4761739001010010","14":"2912"}'


@pytest.fixture
def binding() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def vault(tmp_path: Path, binding: bytes) -> Vault:
    return open_vault(tmp_path, binding=binding, slots=4)


def test_what_was_sealed_opens_again_after_a_restart(
    vault: Vault, tmp_path: Path, binding: bytes
) -> None:
    blob = vault.seal(2, "refund/7", SECRET)
    vault.close()
    again = open_vault(tmp_path, binding=binding)
    assert again.slots == 4
    assert again.open(2, "refund/7", blob) == SECRET


def test_neither_ring_nor_blob_shows_the_card_number(vault: Vault) -> None:
    stored = vault.seal(0, "refund/1", SECRET) + vault.path.read_bytes()
    pan = b"4761739001010010"
    for canary in (pan, bytes.fromhex(pan.decode()), base64.b64encode(pan)[:20]):
        assert canary not in stored


def test_the_ring_is_private_and_of_full_size(tmp_path: Path, binding: bytes) -> None:
    vault = open_vault(tmp_path, binding=binding)
    status = vault.path.stat()
    assert (status.st_mode & 0o777, status.st_size) == (0o600, SLOTS * BLOCK)


def test_a_blob_opens_only_for_its_record_slot_and_store(vault: Vault, tmp_path: Path) -> None:
    blob = vault.seal(1, "refund/1", SECRET)
    assert failure_of(vault.open, 1, "refund/2", blob) == "keys.sealed"
    assert failure_of(vault.open, 0, "refund/1", blob) == "keys.sealed"
    stranger = open_vault(tmp_path, binding=secrets.token_bytes(32))
    assert failure_of(stranger.open, 1, "refund/1", blob) == "keys.sealed"


def test_a_refilled_slot_opens_nothing_old_and_serves_again(vault: Vault) -> None:
    old, kept = vault.seal(1, "refund/1", SECRET), vault.seal(2, "refund/2", SECRET)
    vault.refill([1, 3])
    assert failure_of(vault.open, 1, "refund/1", old) == "keys.sealed"
    assert vault.open(2, "refund/2", kept) == SECRET
    assert vault.open(1, "refund/9", vault.seal(1, "refund/9", b"new")) == b"new"


def test_two_seals_of_the_same_thing_differ(vault: Vault) -> None:
    assert vault.seal(0, "refund/1", SECRET) != vault.seal(0, "refund/1", SECRET)


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_every_changed_byte_of_a_blob_is_noticed(vault: Vault, place: int) -> None:
    blob = bytearray(vault.seal(0, "refund/1", SECRET))
    blob[place] ^= 1
    assert failure_of(vault.open, 0, "refund/1", bytes(blob)) == "keys.sealed"


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_a_cut_blob_is_refused(vault: Vault, length: int) -> None:
    blob = vault.seal(0, "refund/1", SECRET)[:length]
    assert failure_of(vault.open, 0, "refund/1", blob) == "keys.sealed"


@pytest.mark.parametrize("torn", [1, 16, 31, 33])
def test_a_refill_torn_by_a_power_cut_is_noticed_before_money_moves(
    vault: Vault, torn: int
) -> None:
    neighbour = vault.seal(2, "refund/2", SECRET)
    with vault.path.open("r+b") as file:
        file.seek(1 * BLOCK)
        file.write(secrets.token_bytes(torn))
    assert failure_of(vault.seal, 1, "refund/1", SECRET) == "keys.slot"
    assert vault.open(2, "refund/2", neighbour) == SECRET
    vault.refill([1])
    assert vault.open(1, "refund/1", vault.seal(1, "refund/1", SECRET)) == SECRET


def test_a_slot_that_came_back_as_zeros_seals_nothing(vault: Vault) -> None:
    with vault.path.open("r+b") as file:
        file.write(bytes(BLOCK))
    assert failure_of(vault.seal, 0, "refund/1", SECRET) == "keys.slot"


@pytest.mark.parametrize("slot", [-1, 4])
def test_a_slot_beyond_the_ring_is_a_mistake_of_the_program(vault: Vault, slot: int) -> None:
    with pytest.raises(ValueError, match="of 4"):
        vault.seal(slot, "refund/1", SECRET)
    with pytest.raises(ValueError, match="of 4"):
        vault.refill([slot])


@pytest.mark.parametrize("size", [0, BLOCK - 1, BLOCK + 1])
def test_a_ring_of_a_wrong_length_is_refused(tmp_path: Path, binding: bytes, size: int) -> None:
    path = tmp_path / RING_FILE
    path.write_bytes(bytes(size))
    path.chmod(0o600)
    assert failure_of(open_vault, tmp_path, binding=binding) == "keys.ring"


def test_a_ring_that_others_may_read_is_refused(
    vault: Vault, tmp_path: Path, binding: bytes
) -> None:
    vault.path.chmod(0o640)
    assert failure_of(open_vault, tmp_path, binding=binding) == "keys.exposed"


def test_a_ring_made_halfway_is_made_again(tmp_path: Path, binding: bytes) -> None:
    (tmp_path / (RING_FILE + ".new")).write_bytes(b"half")
    assert open_vault(tmp_path, binding=binding, slots=2).slots == 2
    assert [entry.name for entry in tmp_path.iterdir()] == [RING_FILE]


def test_a_disk_error_says_so(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(Failure, match="No space"):
        vault.refill([0])


def test_a_destroyed_ring_is_gone(vault: Vault) -> None:
    vault.destroy()
    assert not vault.path.exists()


def test_printing_shows_no_key(vault: Vault, binding: bytes) -> None:
    assert repr(binding)[2:-1] not in repr(vault)


# --- tokens ---


def test_a_token_is_a_keyed_hash_of_the_digits() -> None:
    key = bytes(range(32))
    tokens = KeyedTokens(key)
    # openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f over the 16 digits
    assert (
        tokens.token(Pan("4761739001010010"))
        == "6e02943edbe27feda07468363fa86db0bd750d0607182fd9c858b5d3a6ddae79"
    )
    assert tokens.key_id == key_id(key)


def test_another_shops_key_gives_another_token_and_id() -> None:
    one, other = (KeyedTokens(secrets.token_bytes(32)) for _ in range(2))
    pan = Pan("5413330089020011")
    assert one.key_id != other.key_id
    assert one.token(pan) != other.token(pan)


def test_a_short_token_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyedTokens(bytes(16))


def test_tokens_print_only_their_id() -> None:
    key = secrets.token_bytes(32)
    assert repr(KeyedTokens(key)) == f"KeyedTokens({key_id(key)})"
