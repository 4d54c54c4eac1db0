"""Keys that are nobody's secret: the tests' own, and token keys that nobody has drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from worlds import constant_keys
from worlds.config import FILE
from worlds.failures import failure_of
from worlds.provisioning import Asked, Machine, a_spec, new_component

from pos_terminal.cli.main import run_command
from pos_terminal.config import load
from pos_terminal.services.security.components import kcv
from pos_terminal.services.security.keystore import (
    KeyStore,
    LocalKeys,
    OlderKey,
    TerminalKeys,
)
from pos_terminal.services.security.known_keys import (
    KEY_IDS,
    TMK_CHECK_VALUE,
    refuse_test_keys,
)
from pos_terminal.services.security.tokens import KeyedTokens, key_id
from pos_terminal.services.security.transfer import Bundle, pack

PASSWORDS = ("correct horse", "battery staple")
NEW: Any = {"tmk_components": [new_component(), new_component()]}
CONSTANT = [key.hex() for key in constant_keys.COMPONENTS]


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Machine:
    (tmp_path / "terminal.toml").write_text(FILE, "utf-8")
    return Machine(tmp_path, capsys)


def test_the_check_values_are_those_of_the_tests_keys() -> None:
    made = (constant_keys.TOKEN, constant_keys.OLD_TOKEN, constant_keys.AUDIT)
    local = (constant_keys.RING, constant_keys.PINS)
    assert kcv(constant_keys.TMK) == TMK_CHECK_VALUE
    assert {key_id(key) for key in (*made, *local)} == KEY_IDS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tmk_components": CONSTANT}, "own tests"),
        ({"tmk_components": CONSTANT[::-1]}, "own tests"),
        ({"token_key": constant_keys.TOKEN.hex()}, "own tests"),
        ({"token_key": constant_keys.OLD_TOKEN.hex()}, "own tests"),
        ({"token_key": "00" * 32}, "all zeros"),
        ({"token_key": "ff" * 32}, "all zeros"),
        ({"tmk_components": ["5A" * 8 + "01" * 8, "5A" * 8 + "00" * 7 + "02"]}, "weak DES key"),
    ],
)
def test_provision_refuses_them_and_stores_nothing(
    terminal: Machine, change: dict[str, Any], said: str
) -> None:
    assert terminal.give(a_spec(**change)) == 1
    assert said in terminal.err
    assert not KeyStore.of(load(terminal.file)).loaded
    assert terminal.give(a_spec()) == 0
    assert terminal.give({**NEW, **change}, "--replace-keys") == 1
    assert said in terminal.err


def test_each_key_that_is_made_from_the_constant_is_refused() -> None:
    """Also one that is added later."""
    keys = {name: one for name, one in vars(constant_keys).items() if isinstance(one, bytes)}
    keys = {name: one for name, one in keys.items() if not name.startswith("_")}
    assert len(keys) == 6
    own = bytes(range(16))
    for key in keys.values():
        given = (key,) if key == constant_keys.TMK else (own, bytes(range(32)), key)
        assert failure_of(refuse_test_keys, *given) == "provision.test_key"
    refuse_test_keys(own, bytes(range(32)))


@pytest.mark.parametrize("place", ["tmk", "token", "older", "audit", "ring", "pins", "zeros"])
def test_an_import_refuses_them(terminal: Machine, tmp_path: Path, place: str) -> None:
    local: dict[str, bytes] = {name: bytes(range(32)) for name in ("audit", "ring", "pins")}
    loaded = {"tmk": bytes(range(16)), "token": bytes(range(1, 33))}
    constant = {
        "tmk": constant_keys.TMK,
        "token": constant_keys.TOKEN,
        "audit": constant_keys.AUDIT,
        "ring": constant_keys.RING,
        "pins": constant_keys.PINS,
    }
    older = (OlderKey(constant_keys.OLD_TOKEN, 1_700_000_000),) if place == "older" else ()
    if place == "zeros":
        loaded["token"] = bytes(32)
    elif place != "older":
        (loaded if place in loaded else local)[place] = constant[place]
    keys = TerminalKeys(loaded["tmk"], loaded["token"], older=older)
    bundle = Bundle(LocalKeys(**local), keys, "12345678")
    file = tmp_path / "keys"
    file.write_bytes(pack(bundle, *PASSWORDS))
    assert terminal.run("--import-keys", str(file), console=Asked(*PASSWORDS)) == 1
    assert ("all zeros" if place == "zeros" else "own tests") in terminal.err
    assert not KeyStore.of(load(terminal.file)).loaded


@pytest.mark.parametrize("place", ["tmk", "token", "older", "local"])
def test_check_finds_them_on_a_terminal_that_has_them(
    terminal: Machine, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    """However they came there."""
    assert terminal.give(a_spec()) == 0
    store, test = KeyStore.of(load(terminal.file)), constant_keys.terminal_keys()
    own = store.terminal
    if place == "local":
        store.adopt(constant_keys.local_keys(), own)
    elif place == "token":
        store.load(TerminalKeys(own.tmk, test.token))
    elif place == "older":
        older = (OlderKey(constant_keys.OLD_TOKEN, 1_700_000_000),)
        store.load(TerminalKeys(own.tmk, own.token, older=older))
    else:
        store.load(TerminalKeys(test.tmk, own.token))
    run_command(["check", "--config", str(terminal.file), "--json"])
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert not found["keys"]["ok"]
    assert "own tests" in found["keys"]["tech"]


def test_no_tokens_are_made_under_a_key_of_zeros() -> None:
    assert failure_of(KeyedTokens, bytes(32)) == "keys.weak_token"


def test_a_terminal_may_be_given_them_for_a_test(tmp_path: Path) -> None:
    constant_keys.key_store(tmp_path)
    found = KeyStore.open(tmp_path / "keys")
    assert (found.tmk, found.token_key) == (constant_keys.TMK, constant_keys.TOKEN)
    local = (found.ring_key, found.pin_key, found.audit_key)
    assert local == (constant_keys.RING, constant_keys.PINS, constant_keys.AUDIT)


def test_a_ring_from_the_constant_opens_what_was_sealed_under_it(tmp_path: Path) -> None:
    for folder in (tmp_path / "then", tmp_path / "now"):
        folder.mkdir()
    then = constant_keys.ring(tmp_path / "then")
    sealed = then.seal(3, "refund 1", b"card data")
    now = constant_keys.ring(tmp_path / "now")
    assert now.open(3, "refund 1", sealed) == b"card data"
    assert (then.path.read_bytes(), now.slots) == (now.path.read_bytes(), 8)
    for one in (then, now):
        one.close()
