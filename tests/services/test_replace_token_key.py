"""The token key can be replaced alone; the old one stays as long as its sales do (R54)."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from worlds.config import FILE
from worlds.failures import failure_of
from worlds.ledger import VISA, World
from worlds.provisioning import Asked, Machine, a_spec, new_component, person

from pos_terminal.config import Retention, load
from pos_terminal.services.retention.purging import Purger
from pos_terminal.services.security.keystore import KeyStore, OlderKey, TerminalKeys
from pos_terminal.services.security.security import Security
from pos_terminal.services.security.tokens import KeyedTokens, key_id

FIRST, SECOND, THIRD = (secrets.token_bytes(32) for _ in range(3))
REPLACE = "--replace-token-key"


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Machine:
    (tmp_path / "terminal.toml").write_text(FILE, "utf-8")
    machine = Machine(tmp_path, capsys)
    assert machine.give(a_spec(token_key=FIRST.hex())) == 0
    return machine


def keys(terminal: Machine) -> KeyStore:
    return KeyStore.of(load(terminal.file))


def older(terminal: Machine) -> list[bytes]:
    return list(keys(terminal).older_token_keys)


def test_a_new_one_is_made_and_nothing_else_changes(terminal: Machine) -> None:
    before = keys(terminal)
    before.store_session({"mak": secrets.token_bytes(16)})
    assert terminal.give({}, REPLACE, "--json") == 0
    after = keys(terminal)
    assert after.token_key not in (FIRST, bytes(32))
    assert older(terminal) == [FIRST]
    assert (after.tmk, after.key_exchange) == (before.tmk, before.key_exchange)
    assert after.session() == before.session()
    said = json.loads(terminal.out)
    assert said["token_key_id"] == key_id(after.token_key)
    assert said["older_token_keys"] == [key_id(FIRST)]
    kind, facts = terminal.audit()[-1]
    assert kind == "provisioned"
    assert facts["token_key_id"] == key_id(after.token_key)
    assert facts["older_token_keys"] == key_id(FIRST)
    assert FIRST.hex() not in terminal.out


def test_the_shops_new_one_is_given_and_an_older_one_may_come_back(terminal: Machine) -> None:
    assert terminal.give({"token_key": SECOND.hex()}, REPLACE) == 0
    assert terminal.give({"token_key": THIRD.hex()}, REPLACE) == 0
    assert (keys(terminal).token_key, older(terminal)) == (THIRD, [SECOND, FIRST])
    assert terminal.give({"token_key": FIRST.hex()}, REPLACE) == 0
    assert (keys(terminal).token_key, older(terminal)) == (FIRST, [THIRD, SECOND])


def test_two_people_type_it_and_it_is_confirmed(terminal: Machine) -> None:
    parts = [secrets.token_bytes(32) for _ in range(2)]
    wanted = bytes(a ^ b for a, b in zip(*parts, strict=True))
    console = Asked("甲", parts[0].hex(), "乙", parts[1].hex(), "y")
    assert terminal.run(REPLACE, console=console) == 0
    assert keys(terminal).token_key == wanted
    assert key_id(wanted) in "\n".join(console.said)
    assert terminal.audit()[-1][1]["custodians"] == "甲, 乙"
    assert terminal.run(REPLACE, console=Asked("甲", "")) == 0
    assert older(terminal) == [wanted, FIRST]


@pytest.mark.parametrize(
    ("spec", "words", "said"),
    [
        ({"token_key": FIRST.hex()}, (REPLACE,), "is the one in force"),
        ({"token_key": SECOND.hex()}, (), "has its keys"),
        ({"token_key": SECOND.hex()}, ("--add-people",), "has its keys"),
        ({"tmk_components": [new_component(), new_component()]}, (REPLACE,), "has its keys"),
        ({"people": [person("102", "clerk")]}, (REPLACE,), "has its keys"),
        ({"token_key": "00" * 32}, (REPLACE,), "all zeros"),
    ],
)
def test_what_was_not_meant_changes_nothing(
    terminal: Machine, spec: dict[str, Any], words: tuple[str, ...], said: str
) -> None:
    assert terminal.give(spec, *words) == 1
    assert said in terminal.err
    assert (keys(terminal).token_key, older(terminal)) == (FIRST, [])


def test_a_new_master_key_keeps_the_older_ones_and_may_bring_a_token_key(
    terminal: Machine,
) -> None:
    assert terminal.give({"token_key": SECOND.hex()}, REPLACE) == 0
    spec = {"tmk_components": [new_component(), new_component()]}
    assert terminal.give(spec, "--replace-keys") == 0
    assert (keys(terminal).token_key, older(terminal)) == (SECOND, [FIRST])
    assert terminal.give(spec | {"token_key": THIRD.hex()}, "--replace-keys") == 0
    assert (keys(terminal).token_key, older(terminal)) == (THIRD, [SECOND, FIRST])


def test_a_terminal_opens_with_all_of_them(terminal: Machine) -> None:
    assert terminal.give({"token_key": SECOND.hex()}, REPLACE) == 0
    security = Security.open(load(terminal.file))
    security.close()
    tokens = security.tokens
    assert tokens.token(VISA) == KeyedTokens(SECOND).token(VISA)
    assert tokens.older(VISA) == {key_id(FIRST): KeyedTokens(FIRST).token(VISA)}
    assert (tokens.key_id, tokens.older_ids) == (key_id(SECOND), (key_id(FIRST),))
    assert repr(OlderKey(FIRST, 7)) == "OlderKey(…, 7)"


# --- in the ledger --------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Any:
    """A sale by a card under the first key; then the second came."""
    (tmp_path / "shop").mkdir()
    world = World(tmp_path / "shop")
    world.tokens = KeyedTokens(FIRST)
    world.reopen()
    world.sell("OLD")
    world.tokens = KeyedTokens(SECOND, [FIRST])
    world.reopen()
    yield world
    world.close()


def told(world: World, sale_id: str, key: bytes) -> dict[str, Any]:
    """A sale whose till makes the token itself."""
    card = {"kind": "card", "amount": 10_000, "token": KeyedTokens(key).token(VISA)}
    number = {"trace": f"0001{len(sale_id):02d}", "rrn": f"6005200000{len(sale_id):02d}"}
    return world.record(sale_id, tenders=[card | {"token_key_id": key_id(key)}], **number)


def test_the_feed_takes_tokens_under_both_and_no_others(world: World) -> None:
    report = world.take_in(told(world, "S-1", FIRST), told(world, "S-22", SECOND))
    assert (report.added, report.problems) == (2, ())
    foreign = world.take_in(told(world, "S-333", THIRD))
    assert foreign.added == 0
    assert [one.code for one in foreign.problems] == ["other_key"]
    tokens = (world.tokens.token(VISA), *world.tokens.older(VISA).values())
    found = {sale.sale_id for sale in world.store.sales.by_token(tokens)}
    assert found == {"OLD", "S-1", "S-22"}
    assert {one.sale_id for one in world.store.sales.by_token(tokens[:1])} == {"S-22"}


def test_a_till_that_tells_its_day_again_tells_nothing_new(world: World) -> None:
    """With card numbers: they were made tokens of under the other key the first time."""
    again = world.take_in(world.record("OLD"))
    assert (again.known, again.problems) == (1, ())
    other = world.take_in(world.record("OLD", amount=9_999))
    assert (other.known, len(other.problems)) == (0, 1)
    card = {"kind": "card", "amount": 10_000, "pan": "6250947000000014"}
    stranger = world.take_in(world.record("OLD", tenders=[card]))
    assert (stranger.known, len(stranger.problems)) == (0, 1)


def test_the_old_one_goes_when_its_sales_have_gone(world: World, terminal: Machine) -> None:
    store, moment = keys(terminal), world.clock.now()
    store.load(TerminalKeys(store.tmk, SECOND, older=(OlderKey(FIRST, int(moment.timestamp())),)))

    def purge_after(days: float) -> list[bytes]:
        world.clock.moment = moment + timedelta(days=days)
        purger = Purger(
            world.store,
            Retention(sales_days=100),
            clock=world.clock,
            doubt=lambda: None,
            ntp=lambda: True,
            forget_token_keys=store.forget_token_keys,
        )
        world.do(purger.once())
        return older(terminal)

    assert purge_after(99.9) == [FIRST]
    assert purge_after(100.1) == []
    assert keys(terminal).token_key == SECOND
    sql = "SELECT facts ->> 'key_id' FROM audit WHERE kind = 'token_key_forgotten'"
    assert [row[0] for row in world.store.db.execute(sql)] == [key_id(FIRST)]


def test_a_key_file_of_before_has_none(terminal: Machine) -> None:
    """Written by a version that knew of no older keys."""
    import msgspec

    raw = msgspec.msgpack.encode({"tmk": bytes(range(16)), "token": FIRST, "key_exchange": "003"})
    assert msgspec.msgpack.decode(raw, type=TerminalKeys).older == ()
    assert failure_of(KeyedTokens, FIRST, [bytes(32)]) == "keys.weak_token"
