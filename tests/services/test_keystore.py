"""Keys on disk: private, wrapped, replaced as a whole, destroyed for good (R54, R56a)."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from worlds.failures import failure_of, flip

from pos_terminal.core.words import Failure
from pos_terminal.services.security.components import (
    combine,
    combine_des,
    is_weak,
    kcv,
    parse_component,
)
from pos_terminal.services.security.device_key import PLAIN_FILE
from pos_terminal.services.security.keystore import (
    LOCAL,
    SESSION,
    TERMINAL,
    KeyStore,
    TerminalKeys,
    destroy_keys,
)
from pos_terminal.services.security.transfer import Bundle, pack, unpack


def terminal_keys() -> TerminalKeys:
    return TerminalKeys(secrets.token_bytes(16), secrets.token_bytes(32), "003")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keys() -> TerminalKeys:
    return terminal_keys()


@pytest.fixture
def store(folder: Path, keys: TerminalKeys) -> KeyStore:
    store = KeyStore.open(folder)
    store.load(keys)
    return store


def test_a_new_store_has_local_keys_and_no_others(folder: Path) -> None:
    store = KeyStore.open(folder)
    assert not store.loaded
    assert store.session() is None
    assert len({store.ring_key, store.pin_key, store.audit_key}) == 3
    for name in ("tmk", "token_key", "key_exchange"):
        assert failure_of(getattr, store, name) == "keys.missing"


def test_all_keys_are_there_after_a_restart(
    store: KeyStore, folder: Path, keys: TerminalKeys
) -> None:
    store.store_session({"mak": b"m" * 16, "pik": b"p" * 16})
    again = KeyStore.open(folder)
    assert (again.tmk, again.token_key, again.key_exchange) == (keys.tmk, keys.token, "003")
    assert again.session() == {"mak": b"m" * 16, "pik": b"p" * 16}
    assert (again.ring_key, again.pin_key, again.audit_key) == (
        store.ring_key,
        store.pin_key,
        store.audit_key,
    )


def test_no_file_holds_a_key_in_clear_or_is_open_to_others(
    store: KeyStore, folder: Path, keys: TerminalKeys
) -> None:
    mak = secrets.token_bytes(16)
    store.store_session({"mak": mak})
    files = {path.name: path for path in folder.iterdir()}
    assert set(files) == {PLAIN_FILE, LOCAL, TERMINAL, SESSION}
    for path in files.values():
        content = path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
        for key in (keys.tmk, keys.token, mak, store.audit_key):
            assert key not in content
            assert key.hex().encode() not in content
    assert folder.stat().st_mode & 0o777 == 0o700


def test_session_keys_of_an_older_master_key_are_forgotten(store: KeyStore, folder: Path) -> None:
    store.store_session({"mak": b"m" * 16})
    store.load(terminal_keys())
    assert store.session() is None
    assert not (folder / SESSION).exists()


def test_a_power_cut_between_new_master_key_and_old_session_leaves_no_session(
    store: KeyStore, folder: Path
) -> None:
    store.store_session({"mak": b"m" * 16})
    old_session = (folder / SESSION).read_bytes()
    store.load(terminal_keys())
    (folder / SESSION).write_bytes(old_session)
    (folder / SESSION).chmod(0o600)
    assert KeyStore.open(folder).session() is None


def test_forgetting_a_session_twice_is_fine(store: KeyStore, folder: Path) -> None:
    store.store_session({"mak": b"m" * 16})
    store.forget_session()
    store.forget_session()
    assert KeyStore.open(folder).session() is None


@pytest.mark.parametrize("name", [LOCAL, TERMINAL, SESSION])
@pytest.mark.parametrize("place", [0, 12, -1])
def test_a_changed_file_is_noticed(store: KeyStore, folder: Path, name: str, place: int) -> None:
    store.store_session({"mak": b"m" * 16})
    flip(folder / name, place)
    assert failure_of(KeyStore.open, folder) == "keys.damaged"


@pytest.mark.parametrize("size", [0, 5, 12, 20])
def test_a_cut_file_is_noticed(store: KeyStore, folder: Path, size: int) -> None:
    content = (folder / TERMINAL).read_bytes()
    (folder / TERMINAL).write_bytes(content[:size])
    assert failure_of(KeyStore.open, folder) == "keys.damaged"


def test_two_files_put_in_each_others_place_are_noticed(store: KeyStore, folder: Path) -> None:
    (folder / TERMINAL).write_bytes((folder / LOCAL).read_bytes())
    assert failure_of(KeyStore.open, folder) == "keys.damaged"


@pytest.mark.parametrize("content", [None, b"", b"k" * 31])
def test_without_its_device_key_the_store_says_so_and_makes_no_new_one(
    store: KeyStore, folder: Path, content: bytes | None
) -> None:
    (folder / PLAIN_FILE).unlink()
    if content is not None:
        (folder / PLAIN_FILE).write_bytes(content)
        (folder / PLAIN_FILE).chmod(0o600)
    assert failure_of(KeyStore.open, folder) == "keys.device"


def test_lost_local_keys_are_not_quietly_made_anew(store: KeyStore, folder: Path) -> None:
    (folder / LOCAL).unlink()
    assert failure_of(KeyStore.open, folder) == "keys.damaged"


def test_a_file_open_to_others_is_refused(store: KeyStore, folder: Path) -> None:
    (folder / TERMINAL).chmod(0o604)
    assert failure_of(KeyStore.open, folder) == "keys.exposed"


def test_a_write_cut_short_leaves_the_old_keys(
    store: KeyStore, folder: Path, keys: TerminalKeys
) -> None:
    (folder / (TERMINAL + ".new")).write_bytes(b"half a file")
    assert KeyStore.open(folder).tmk == keys.tmk
    other = terminal_keys()
    store.load(other)
    assert KeyStore.open(folder).tmk == other.tmk


def test_a_full_disk_leaves_the_old_keys_and_says_so(
    store: KeyStore, folder: Path, keys: TerminalKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pos_terminal.services.security.files.os.fsync", full)
    with pytest.raises(Failure, match="No space left"):
        store.load(terminal_keys())
    assert store.tmk == keys.tmk
    monkeypatch.undo()
    assert KeyStore.open(folder).tmk == keys.tmk


def test_nothing_is_left_after_a_wipe(store: KeyStore, folder: Path) -> None:
    device_key = (folder / PLAIN_FILE).read_bytes()
    old_audit_key = store.audit_key
    store.store_session({"mak": b"m" * 16})
    (folder / f"{PLAIN_FILE}.new").write_bytes(device_key)
    destroy_keys(folder)
    assert list(folder.iterdir()) == []
    fresh = KeyStore.open(folder)
    assert fresh.audit_key != old_audit_key
    assert (folder / PLAIN_FILE).read_bytes() != device_key


def test_printing_shows_no_key(store: KeyStore, keys: TerminalKeys) -> None:
    shown = f"{store!r} {keys!r} {store.local_keys()!r}"
    for key in (keys.tmk, keys.token, store.audit_key):
        assert repr(key)[2:-1] not in shown


# --- the replacement Pi ---


def test_keys_move_to_a_replacement_under_two_passwords(
    store: KeyStore, tmp_path: Path, keys: TerminalKeys
) -> None:
    first, second = secrets.token_hex(8), secrets.token_hex(8)
    data = pack(Bundle(store.local_keys(), store.terminal, "00000001"), first, second)
    assert keys.tmk not in data
    bundle = unpack(data, first, second)
    replacement = KeyStore.open(tmp_path / "replacement")
    replacement.adopt(bundle.local, bundle.terminal)
    again = KeyStore.open(tmp_path / "replacement")
    assert (again.tmk, again.ring_key) == (keys.tmk, store.ring_key)
    changed = data[:-1] + bytes([data[-1] ^ 1])
    for spoilt, one, two in (
        (data, second, first),
        (data, first, first),
        (changed, first, second),
        (data[:40], first, second),
        (b"", first, second),
    ):
        assert failure_of(unpack, spoilt, one, two) == "provision.bundle"


def test_a_short_password_is_refused(store: KeyStore) -> None:
    bundle = Bundle(store.local_keys(), store.terminal, "00000001")
    assert failure_of(lambda: pack(bundle, secrets.token_hex(8), "short")) == "provision.password"


# --- components ---


def test_the_check_value_is_that_of_the_specification() -> None:
    assert kcv(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")) == "08D7B4FB"


def test_a_key_is_the_exclusive_or_of_its_components() -> None:
    key, first = secrets.token_bytes(16), secrets.token_bytes(16)
    assert combine(first, combine(first, key)) == key


@pytest.mark.parametrize("length", [16, 24])
def test_a_component_may_be_typed_in_groups(length: int) -> None:
    component = secrets.token_bytes(length)
    assert parse_component(component.hex(" ", 4).upper()) == component


@pytest.mark.parametrize("text", ["", "12", "xyz", "00" * 15, "00" * 17, "00" * 8, "０" * 32])
def test_what_is_no_component_is_refused(text: str) -> None:
    assert failure_of(parse_component, text) == "provision.component"


def test_a_mistyped_component_is_never_repeated() -> None:
    text = secrets.token_hex(15)
    with pytest.raises(Failure) as caught:
        parse_component(text)
    assert text not in f"{caught.value} {caught.value.words}"


def test_components_of_two_keys_are_refused() -> None:
    with pytest.raises(Failure, match=r"provision\.lengths"):
        combine_des(secrets.token_bytes(16), secrets.token_bytes(24))


def test_weak_keys_are_refused() -> None:
    half, first = secrets.token_bytes(8), secrets.token_bytes(16)
    other_parity = bytes(byte ^ 1 for byte in half)
    for second in (first, bytes(16), combine(first, half + half)):
        assert failure_of(combine_des, first, second) == "provision.weak"
    assert is_weak(half + other_parity)
    assert is_weak(secrets.token_bytes(8) + half + half)
    assert not is_weak(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
