"""``pos-terminal provision``: what it stores, prints, refuses and never says (R22, R56a)."""

from __future__ import annotations

import argparse
import io
import json
import os
import pty
import re
import secrets
import select
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hw_sim.bench.people import new_badge
from worlds.config import FILE
from worlds.failures import failure_of
from worlds.provisioning import Asked, Machine, a_spec, new_component, new_pin, person

from pos_terminal.cli import provision, purge
from pos_terminal.cli.main import run_command
from pos_terminal.config import load
from pos_terminal.core.badge import Badge
from pos_terminal.core.words import Words
from pos_terminal.services.ledger.connect import open_reader, open_writer
from pos_terminal.services.ledger.lock import Lock
from pos_terminal.services.proof import opening
from pos_terminal.services.security.components import combine, kcv
from pos_terminal.services.security.keystore import KeyStore
from pos_terminal.services.security.people import badge_token
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.pin_hash import PinHasher
from pos_terminal.services.security.provisioned import unprovisioned
from pos_terminal.services.security.security import Security
from pos_terminal.services.security.tokens import key_id
from pos_terminal.texts import catalogue

CONFIG = FILE.replace('"data"', '"data"\nlanguage = "en"') + '[security]\ndevice_key = "file"\n'
pytestmark = pytest.mark.usefixtures("cheap_hashes")


class Terminal(Machine):
    """Without a TPM."""

    @property
    def keys(self) -> KeyStore:
        return KeyStore.open(self.data / "keys")

    def pin_fits(self, number: str, pin: str) -> bool:
        db = PeopleDb.open(self.data)
        try:
            return PinHasher(self.keys.pin_key).fits(db.pin_hashes(number)[0], number, pin)
        finally:
            db.close()

    def everything(self) -> bytes:
        """All that lies in the data folder."""
        return b"".join(path.read_bytes() for path in self.data.rglob("*") if path.is_file())


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    terminal = Terminal(tmp_path, capsys)
    terminal.file.write_text(CONFIG, "utf-8")
    return terminal


def why_not(terminal: Terminal) -> Words:
    """Why it does not trade."""
    failure = unprovisioned(load(terminal.file))
    assert failure is not None
    return failure.words


@pytest.fixture
def ready(terminal: Terminal) -> Terminal:
    assert terminal.give(a_spec()) == 0
    return terminal


def test_a_file_provisions_a_terminal(terminal: Terminal) -> None:
    spec = a_spec(token_key=secrets.token_hex(32))
    assert terminal.give(spec, "--json") == 0
    first, second = (bytes.fromhex(text) for text in spec["tmk_components"])
    tmk = combine(first, second)
    assert json.loads(terminal.out) == {
        "people": [
            {"number": "101", "name": "某人", "role": "clerk", "must_change": False},
            {"number": "201", "name": "某人", "role": "supervisor", "must_change": False},
        ],
        "component_kcvs": [kcv(first), kcv(second)],
        "tmk_kcv": kcv(tmk),
        "token_key_id": key_id(bytes.fromhex(spec["token_key"])),
        "key_exchange": "003",
        "batch": "000017",
        "device_key": "file",
    }
    assert terminal.keys.tmk == tmk
    assert terminal.pin_fits("201", spec["people"][1]["pin"])
    assert unprovisioned(load(terminal.file)) is None


def test_standard_input_does_as_well(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO(json.dumps(a_spec()).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert terminal.run("--from", "-") == 0
    assert "person       201 某人 (supervisor)" in terminal.out
    assert f"check value {kcv(terminal.keys.tmk)}" in terminal.out


def test_the_ledger_has_batch_and_audit_entry(terminal: Terminal) -> None:
    terminal.give(a_spec())
    reader = open_reader(terminal.data / "ledger.db")
    assert reader.execute("SELECT batch FROM counter").fetchone()[0] == "000017"
    reader.close()
    kind, facts = terminal.audit()[-1]
    assert (kind, facts["people"], facts["tmk_kcv"]) == (
        "provisioned",
        "101 201",
        kcv(terminal.keys.tmk),
    )


@pytest.mark.parametrize("pages", [2, 60])
def test_a_full_disk_leaves_nothing_so_that_it_can_be_done_again(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    """With its keys and without its ledger it could neither trade nor be provisioned."""

    def full(path: Path) -> sqlite3.Connection:
        connection = open_writer(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(opening, "open_writer", full)
        assert terminal.give(a_spec()) == 1
    assert "SQLITE_FULL" in terminal.err
    assert [path for path in terminal.data.rglob("*") if path.suffix in (".db", ".bin")] == []
    spec = a_spec()
    assert terminal.give(spec) == 0
    assert terminal.pin_fits("201", spec["people"][1]["pin"])
    assert terminal.audit()[-1][0] == "provisioned"


def test_no_secret_is_printed_or_stored_in_clear(terminal: Terminal) -> None:
    spec = a_spec(token_key=secrets.token_hex(32))
    terminal.give(spec, "--json")
    stored, printed = terminal.everything(), terminal.out + terminal.err
    secret = [*spec["tmk_components"], spec["token_key"], terminal.keys.tmk.hex()]
    for text in secret:
        assert text.lower() not in printed.lower()
        assert text.encode() not in stored
        assert bytes.fromhex(text) not in stored
    for one in spec["people"]:
        assert one["pin"] not in printed
        assert one["pin"].encode() not in stored


def test_each_terminal_makes_its_own_token_key(tmp_path: Path, terminal: Terminal) -> None:
    terminal.give(a_spec())
    one = terminal.keys.token_key
    (tmp_path / "data").rename(tmp_path / "old")
    terminal.give(a_spec())
    assert terminal.keys.token_key != one


def test_before_it_is_provisioned_a_terminal_does_not_trade(terminal: Terminal) -> None:
    words = why_not(terminal)
    assert words.code == "people.unprovisioned"
    assert "pos-terminal provision" in catalogue()[words.code]["tech"]
    assert not terminal.data.exists()
    assert failure_of(lambda: Security.open(load(terminal.file))) == "people.unprovisioned"


def test_with_its_supervisor_gone_it_does_not_trade_either(ready: Terminal) -> None:
    assert ready.run("--disable", "201") == 0
    assert dict(why_not(ready).values) == {"missing": "a supervisor"}


def test_keys_without_people_are_not_enough(ready: Terminal) -> None:
    for path in ready.data.glob("people.db*"):
        path.unlink()
    assert dict(why_not(ready).values) == {"missing": "its people"}


def test_everything_opens_together(ready: Terminal) -> None:
    security = Security.open(load(ready.file))
    blob = security.vault.seal(0, "refund/1", b"secret")
    assert security.vault.open(0, "refund/1", blob) == b"secret"
    assert security.tokens.key_id == key_id(ready.keys.token_key)
    security.close()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"tmk_components": None}, "tmk_components"),
        ({"people": []}, "a supervisor"),
        ({"people": [person("201", "supervisor")]}, "a clerk beside the supervisor"),
        ({"people": [person("101", "clerk"), person("102", "clerk")]}, "a supervisor"),
        ({"tmk_components": [new_component()]}, "$.tmk_components"),
        ({"tmk_components": [new_component(), "zz" * 16]}, "hexadecimal"),
        ({"tmk_components": [new_component(), secrets.token_hex(24)]}, "24"),
        ({"tmk_components": ["0123456789abcdef" * 2, "fedcba9876543210" * 2]}, "equal halves"),
        ({"token_key": "00"}, "$.token_key"),
        ({"key_exchange": "002"}, "$.key_exchange"),
        ({"batch": "17"}, "$.batch"),
        ({"people": [person("101", "boss")]}, "$.people[0].role"),
        ({"people": [person("1234567", "clerk")]}, "$.people[0].number"),
        ({"people": [person("101", "clerk", salary=1)]}, "salary"),
        ({"people": [person("101", "clerk"), person("101", "supervisor")]}, "101"),
        ({"people": [person("101", "clerk"), person("201", "supervisor", pin="8888")]}, "run"),
        ({"people": [person("101", "clerk"), person("201", "supervisor", pin="739")]}, "digits"),
        ({"default_pin": "1"}, "default_pin"),
    ],
)
def test_bad_data_is_named_and_nothing_is_stored(
    terminal: Terminal, changes: dict[str, object], key: str
) -> None:
    spec = a_spec(**changes)
    assert terminal.give(spec) == 1
    assert key in terminal.err
    assert "Traceback" not in terminal.err
    for one in spec["people"]:
        assert one["pin"] not in terminal.err
    assert unprovisioned(load(terminal.file)) is not None
    assert not (terminal.data / "people.db").exists()
    assert terminal.give(a_spec()) == 0


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_file_of_nonsense_is_named(terminal: Terminal, data: bytes) -> None:
    file = terminal.file.with_name("spec.json")
    file.write_bytes(data)
    assert terminal.run("--from", str(file)) == 1
    assert "spec.json" in terminal.err


def test_a_missing_file_is_named(terminal: Terminal) -> None:
    assert terminal.run("--from", "/nowhere/spec.json") == 1
    assert "/nowhere/spec.json: No such file" in terminal.err


def test_nobody_at_the_terminal_is_said_so(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert terminal.run() == 1
    assert "no terminal" in terminal.err


# --- a second time ---


def test_a_second_time_is_refused_and_changes_nothing(ready: Terminal) -> None:
    tmk = ready.keys.tmk
    assert ready.give(a_spec()) == 1
    assert "--add-people" in ready.err
    assert ready.keys.tmk == tmk


def test_people_are_added(ready: Terminal) -> None:
    tmk = ready.keys.tmk
    new = person("102", "clerk")
    assert ready.give({"people": [new]}, "--add-people") == 0
    assert ready.pin_fits("102", new["pin"])
    assert ready.keys.tmk == tmk
    ready.run("--list", "--json")
    assert [(one["number"], one["must_change"]) for one in json.loads(ready.out)] == [
        ("101", False),
        ("102", True),
        ("201", False),
    ]


def test_a_taken_number_is_refused_with_all_others_of_its_file(ready: Terminal) -> None:
    people = [person("102", "clerk"), person("101", "clerk")]
    assert ready.give({"people": people}, "--add-people") == 1
    assert "101" in ready.err
    ready.run("--list")
    assert "102" not in ready.out


def test_keys_are_not_replaced_by_the_way(ready: Terminal) -> None:
    tmk = ready.keys.tmk
    assert ready.give(a_spec(people=[person("102", "clerk")]), "--add-people") == 1
    assert ready.give(a_spec(), "--replace-keys") == 1
    assert ready.keys.tmk == tmk


def test_a_new_master_key_keeps_the_token_key_and_ends_the_session(ready: Terminal) -> None:
    store = ready.keys
    store.store_session({"mak": secrets.token_bytes(16)})
    spec = {"tmk_components": [new_component(), new_component()]}
    assert ready.give(spec, "--replace-keys", "--json") == 0
    assert ready.keys.tmk.hex() != store.tmk.hex()
    assert ready.keys.token_key == store.token_key
    assert ready.keys.session() is None
    assert json.loads(ready.out)["tmk_kcv"] == kcv(ready.keys.tmk)


def test_a_run_that_broke_off_before_the_keys_is_repeated(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(KeyStore, "load", power_cut)
        with pytest.raises(KeyboardInterrupt):
            terminal.give(a_spec())
    assert unprovisioned(load(terminal.file)) is not None
    spec = a_spec()
    assert terminal.give(spec) == 0
    assert terminal.pin_fits("101", spec["people"][0]["pin"])


def test_while_the_terminal_runs_nothing_is_changed(ready: Terminal) -> None:
    lock = Lock(load(ready.file).ledger)
    assert ready.give({"people": [person("102", "clerk")]}, "--add-people") == 1
    assert ready.run("--disable", "101") == 1
    assert ready.run("--wipe", "--yes") == 1
    lock.release()
    ready.run("--list", "--json")
    assert [one["active"] for one in json.loads(ready.out)] == [True, True]
    assert ready.keys.loaded


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_files_that_the_terminal_could_not_read_are_never_made(ready: Terminal) -> None:
    os.chown(ready.data, 65534, 65534)
    assert ready.give({"people": [person("102", "clerk")]}, "--add-people") == 1
    assert "sudo -u nobody" in ready.err


# --- at a terminal ---


def dialogue(terminal: Terminal, **changes: str) -> tuple[Asked, dict[str, str]]:
    """The answers of two key holders and of who enters the people."""
    given = {
        "one": new_component(),
        "two": new_component(),
        "clerk": new_pin("101"),
        "boss": new_pin("201"),
        "holder": "乙",
        "yes": "y",
    } | changes
    first = ("甲", given["one"], "y", "")
    second = (given["holder"], given["two"], "y", given["yes"], "", "000009")
    clerk = ("101", "李敏", "1", given["clerk"], given["clerk"])
    boss = ("201", "张伟", "2", given["boss"], given["boss"])
    return Asked(*first, *second, *clerk, *boss, ""), given


def test_two_key_holders_load_the_key_and_see_its_check_values(terminal: Terminal) -> None:
    console, given = dialogue(terminal)
    assert terminal.run(console=console) == 0
    one, two = bytes.fromhex(given["one"]), bytes.fromhex(given["two"])
    assert terminal.keys.tmk == combine(one, two)
    asked = "\n".join(console.said)
    for value in (kcv(one), kcv(two), kcv(combine(one, two))):
        assert value in asked
    assert terminal.pin_fits("101", given["clerk"])
    facts = dict(terminal.audit()[-1][1])
    assert facts["custodians"] == "甲, 乙"


def test_a_check_value_that_is_not_confirmed_stores_nothing(terminal: Terminal) -> None:
    console, _ = dialogue(terminal, yes="n")
    assert terminal.run(console=console) == 1
    assert "Nothing was stored" in terminal.err
    assert unprovisioned(load(terminal.file)) is not None


def test_key_holders_need_not_come_again_for_people_who_were_forgotten(terminal: Terminal) -> None:
    console, _ = dialogue(terminal)
    clerk = console.answers.index("101")
    console.answers[clerk:clerk] = [""]
    console.answers[-6:-6] = [""]
    assert terminal.run(console=console) == 0
    assert sum("It takes a supervisor" in said for said in console.said) == 2


def test_one_person_cannot_type_both_components(terminal: Terminal) -> None:
    console, _ = dialogue(terminal, holder="甲")
    console.answers.insert(5, "乙")
    assert terminal.run(console=console) == 0
    assert "Two people type the components" in console.said


def test_check_names_a_key_exchange_that_the_profile_lacks(ready: Terminal, tmp_path: Path) -> None:
    assert keys_finding(ready)["ok"]
    cup = files("pos_terminal.profiles").joinpath("cup.toml").read_text("utf-8")
    (tmp_path / "bank.toml").write_text(cup.replace("003 = [", "005 = [").replace(
        'network = "003"', 'network = "001"'), "utf-8")  # fmt: skip
    text = ready.file.read_text("utf-8")
    profile = f'[acquirer]\nprofile = "{tmp_path / "bank.toml"}"'
    ready.file.write_text(text.replace("[acquirer]", profile), "utf-8")
    found = keys_finding(ready)
    assert not found["ok"]
    assert found["text"] == "Key exchange 003 not in the profile"
    assert "has 001, 004, 005" in found["tech"]


def keys_finding(terminal: Terminal) -> dict[str, Any]:
    """What ``pos-terminal check`` says of the keys."""
    run_command(["check", "--config", str(terminal.file), "--json"])
    rows = json.loads(terminal.take_out())
    (found,) = (row for row in rows if row["name"] == "keys")
    return dict(found)


def test_slips_of_the_finger_are_asked_again(terminal: Terminal) -> None:
    one, pin = new_component(), new_pin("101")
    boss = new_pin("201")
    token = [secrets.token_hex(32), secrets.token_hex(32)]
    console = Asked(
        *("", "甲", "12", one, "y", "77", token[0]),
        *("乙", new_component(), "y", "", token[1], "y", "y", "7", "001", "1", ""),
        *("1a", "101", "", "李敏", "9", "1", "1234", pin, new_pin("101"), pin, pin),
        *("101", "201", "张伟", "2", boss, boss, ""),
    )
    assert terminal.run("--json", console=console) == 0
    assert console.answers == []
    assert terminal.keys.key_exchange == "001"
    assert terminal.keys.token_key == combine(*(bytes.fromhex(text) for text in token))
    for refusal in ("A name has", "Not a key component", "too simple", "differ", "is taken"):
        assert any(refusal in said for said in console.said), refusal


def test_a_real_terminal_shows_no_component_or_pin(terminal: Terminal) -> None:
    console, given = dialogue(terminal)
    shown = on_a_pty(["--config", str(terminal.file)], console.answers)
    assert kcv(bytes.fromhex(given["two"])) in shown
    for secret in (given["one"], given["two"], given["clerk"]):
        assert secret not in shown
    assert terminal.keys.tmk == combine(bytes.fromhex(given["one"]), bytes.fromhex(given["two"]))


def test_a_terminal_that_ends_in_a_secret_question_is_told(terminal: Terminal) -> None:
    shown = on_a_pty(["--config", str(terminal.file)], ["甲", "\x04"], status=1)
    assert "Standard input is no terminal" in shown
    assert "Traceback" not in shown
    assert not terminal.keys.loaded


def on_a_pty(words: Sequence[str], answers: Sequence[str], status: int = 0) -> str:
    """Run the command on a terminal of its own, answering each question; what was shown.

    An answer is typed when its question's colon or bracket, and a blank, stand at the end.
    """
    code = (
        "import argparse, sys; from pos_terminal.cli.provision import add_arguments, run;"
        "from pos_terminal.services.security import pin_hash;"
        "pin_hash.MEMORY_KIB, pin_hash.PASSES = 8, 1;"
        "p = argparse.ArgumentParser(); add_arguments(p); sys.exit(run(p.parse_args()))"
    )
    child, master = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", code, *words])  # noqa: S606 - own child
    shown, waiting = b"", list(answers)
    while select.select([master], [], [], 30)[0]:
        try:
            chunk = os.read(master, 4096)
        except OSError:
            break
        shown += chunk
        if shown.endswith((b": ", b") ")) and waiting:
            os.write(master, waiting.pop(0).encode() + b"\n")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == status, shown.decode()
    os.close(master)
    return shown.decode()


# --- PINs, moves and the end ---


def test_a_pin_is_reset_by_typing_it_twice(ready: Terminal) -> None:
    pin = new_pin("101")
    assert ready.run("--reset-pin", "101", console=Asked(pin, pin)) == 0
    assert ready.pin_fits("101", pin)
    assert ready.audit()[-1] == ("pin_reset", {"number": "101"})
    ready.run("--list")
    assert "101 clerk      某人, must change the PIN" in ready.out


def test_a_badge_is_typed_once_and_is_in_no_file_and_on_no_screen(ready: Terminal) -> None:
    code = new_badge()
    console = Asked("R-2026-000123", code.lower())
    assert ready.run("--badge", "201", console=console) == 0
    said = " ".join(console.said) + ready.out + ready.err
    assert "Scan or type the badge of 201 (not shown" in said
    assert "A badge is POSBDG and 16 letters or digits, or more" in said
    for form in (code, code.lower(), code[6:], "R-2026-000123"):
        assert form not in said
        assert form.encode() not in ready.everything()
    assert ready.audit()[-1] == ("badge_given", {"number": "201"})
    assert owner_of(ready, code) == "201"
    ready.run("--list")
    assert "201 supervisor 某人, badge" in ready.out
    ready.run("--list", "--json")
    assert [one["badge"] for one in json.loads(ready.out)] == [False, True]


def test_a_new_badge_takes_the_place_of_the_old_one_and_enter_alone_takes_it_away(
    ready: Terminal,
) -> None:
    first, second = new_badge(), new_badge()
    for code in (first, second):
        assert ready.run("--badge", "201", console=Asked(code)) == 0
    assert [owner_of(ready, code) for code in (first, second)] == [None, "201"]
    assert ready.run("--badge", "101", console=Asked(second)) == 1
    assert "Another number has this badge" in ready.err
    assert ready.run("--badge", "201", console=Asked("")) == 0
    assert owner_of(ready, second) is None
    assert ready.audit()[-1] == ("badge_taken", {"number": "201"})


def test_a_file_brings_badges_and_a_wrong_one_is_not_told(terminal: Terminal) -> None:
    spec = a_spec()
    code = spec["people"][1]["badge"] = new_badge()
    spec["people"][0]["badge"] = "6901234567892"
    assert terminal.give(spec) == 1
    assert "The code of a badge is POSBDG" in terminal.err
    assert "6901234567892" not in terminal.err
    spec["people"][0]["badge"] = None
    assert terminal.give(spec) == 0
    assert owner_of(terminal, code) == "201"
    assert code[6:] not in terminal.out + terminal.err


def owner_of(terminal: Terminal, code: str) -> str | None:
    db = PeopleDb.open(terminal.data)
    try:
        return db.of_badge(badge_token(terminal.keys.badge_key, Badge(code)))
    finally:
        db.close()


def test_a_number_that_nobody_has_is_named(ready: Terminal) -> None:
    assert ready.run("--reset-pin", "555", console=Asked()) == 1
    assert "555" in ready.err
    assert ready.run("--badge", "555", console=Asked()) == 1
    assert "555" in ready.err
    assert ready.run("--disable", "555") == 1
    assert "555" in ready.err


def test_keys_move_to_a_replacement(ready: Terminal, tmp_path: Path) -> None:
    passwords = secrets.token_hex(8), secrets.token_hex(8)
    bundle = tmp_path / "keys.bundle"
    twice = [passwords[0], passwords[0], passwords[1], passwords[1]]
    assert ready.run("--export-keys", str(bundle), console=Asked(*twice)) == 0
    assert bundle.stat().st_mode & 0o777 == 0o600
    old = ready.keys
    sealed = Security.open(load(ready.file)).vault.seal(3, "refund/1", b"card")
    for path in (ready.data / "keys").iterdir():
        path.unlink()  # the data folder reaches the replacement without its keys
    assert ready.run("--import-keys", str(bundle), console=Asked(*passwords)) == 0
    assert kcv(old.tmk) in ready.out
    assert ready.keys.tmk == old.tmk
    assert Security.open(load(ready.file)).vault.open(3, "refund/1", sealed) == b"card"
    assert ready.audit()[-1][0] == "keys_imported"
    assert ready.run("--import-keys", str(bundle), console=Asked(*passwords)) == 1


def test_an_export_never_overwrites(ready: Terminal, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("kept", "utf-8")
    password = secrets.token_hex(8)
    assert ready.run("--export-keys", str(target), console=Asked(*[password] * 4)) == 1
    assert target.read_text("utf-8") == "kept"


def test_another_terminals_keys_are_refused(ready: Terminal, tmp_path: Path) -> None:
    password = secrets.token_hex(8)
    bundle = tmp_path / "keys.bundle"
    ready.run("--export-keys", str(bundle), console=Asked(*[password] * 4))
    ready.file.write_text(CONFIG.replace("12345678", "12345679"), "utf-8")
    console = Asked(password, password)
    assert ready.run("--import-keys", str(bundle), "--replace-keys", console=console) == 1
    assert "12345678" in ready.err


def test_a_wipe_leaves_no_key_no_card_data_and_nobody(ready: Terminal) -> None:
    tmk = ready.keys.tmk
    device_key = (ready.data / "keys" / "device.key").read_bytes()
    ring = (ready.data / "ring.bin").read_bytes()[:32]
    assert ready.run("--wipe", console=Asked("12345678")) == 0
    assert list((ready.data / "keys").iterdir()) == []
    assert not (ready.data / "ring.bin").exists()
    assert not any(secret in ready.everything() for secret in (tmk, device_key, ring))
    assert ready.audit()[-1][0] == "keys_wiped"
    assert why_not(ready)
    assert ready.give(a_spec()) == 1
    assert "archive" in ready.err


def test_a_wipe_is_confirmed_by_the_terminals_number(ready: Terminal) -> None:
    assert ready.run("--wipe", console=Asked("yes")) == 1
    assert "is not the terminal number 12345678, so nothing was destroyed" in ready.err
    assert ready.keys.loaded


def test_a_wipe_works_on_damaged_keys_too(ready: Terminal) -> None:
    (ready.data / "keys" / "terminal.keys").write_bytes(b"damaged")
    assert ready.run("--wipe", "--yes") == 0
    assert list((ready.data / "keys").iterdir()) == []


def test_a_wipe_waits_for_what_is_pending(ready: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos_terminal.cli.provision_moves.pending", lambda _: 2)
    assert ready.run("--wipe", "--yes") == 1
    assert "2 refunds or reversals" in ready.err
    assert ready.keys.loaded
    assert ready.run("--wipe", "--yes", "--force") == 0


def test_a_damaged_ledger_is_named_at_a_wipe(ready: Terminal) -> None:
    for path in ready.data.glob("ledger.db-*"):
        path.unlink()
    (ready.data / "ledger.db").write_bytes(b"garbage " * 2000)
    assert ready.run("--wipe", "--yes") == 1
    assert "ledger.db" in ready.err
    assert ready.run("--wipe", "--yes", "--force") == 0


def test_a_ledger_that_is_not_this_version_s_is_named_at_a_wipe(ready: Terminal) -> None:
    with closing(sqlite3.connect(ready.data / "ledger.db")) as ledger:
        ledger.execute("PRAGMA user_version = 1")
    assert ready.run("--wipe", "--yes") == 1
    assert "0.1.0" in ready.err
    assert ready.keys.loaded


def test_every_text_is_there() -> None:
    words = catalogue()
    for area in ("people", "keys", "provision"):
        entries = {key: entry for key, entry in words.items() if key.startswith(area)}
        assert entries
        for key, entry in entries.items():
            if not key.startswith(("provision.ask_", "provision.confirm_", "provision.hand")):
                assert "tech" in entry, key


def test_the_documentation_names_only_what_there_is(ready: Terminal) -> None:
    text = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    for command in (purge, provision):
        command.add_arguments(parser)
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - {"--help"}
    assert options
    assert options <= set(parser._option_string_actions)
    files_there = text.partition("## What lies where")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|", files_there, re.MULTILINE)
    ready.keys.store_session({"mak": secrets.token_bytes(16)})
    rows.remove("keys/device.tpm")  # test_provision_tpm.py has one
    assert rows
    for name in rows:
        assert (ready.data / name).exists(), name


def without_home(terminal: Terminal, sales: str) -> None:
    text = terminal.file.read_text("utf-8")
    terminal.file.write_text(text.replace('[sales]\nhome = "all"\n', sales), "utf-8")


@pytest.mark.parametrize("sales", ["", '[sales] # the feed\ninbox = "in"\n'])
@pytest.mark.parametrize(
    ("answers", "home"),
    [
        (("all",), "all"),
        (("12345679 1234567A",), ["12345679", "1234567A"]),
        (("everything", "1234", ""), []),
    ],
)
def test_whose_sales_are_given_back_is_asked_and_kept(
    terminal: Terminal, sales: str, answers: tuple[str, ...], home: object
) -> None:
    without_home(terminal, sales)
    before = load(terminal.file)
    assert before.sales_home is None
    console, _ = dialogue(terminal)
    console.answers += answers
    assert terminal.run(console=console) == 0
    assert console.answers == []
    after = load(terminal.file)
    assert after.sales.home == home
    assert after.sales.inbox == before.sales.inbox
    assert msgspec.structs.replace(after, sales=before.sales) == before
    assert sum("all, or terminal numbers of 8" in said for said in console.said) == len(answers) - 1


def test_a_file_that_nobody_can_edit_so_is_left_and_the_line_is_told(terminal: Terminal) -> None:
    """Written in one line: a second table of that name would be none."""
    without_home(terminal, "")
    text = 'sales = { inbox = "in" }\n' + terminal.file.read_text("utf-8")
    terminal.file.write_text(text, "utf-8")
    console, _ = dialogue(terminal)
    console.answers += ["all"]
    assert terminal.run(console=console) == 0
    assert terminal.file.read_text("utf-8") == text
    assert 'Add under [sales]: home = "all"' in console.said[-1]
    assert list(terminal.file.parent.glob("*.new")) == []


def test_whose_sales_is_written_only_once_all_else_is(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provision that was undone leaves the file as it was."""
    without_home(terminal, "")
    before = terminal.file.read_text("utf-8")
    console, _ = dialogue(terminal)
    console.answers += ["all"]

    def full(path: Path) -> sqlite3.Connection:
        connection = open_writer(path)
        connection.execute("PRAGMA max_page_count = 2")
        return connection

    monkeypatch.setattr(opening, "open_writer", full)
    assert terminal.run(console=console) == 1
    assert terminal.file.read_text("utf-8") == before
    assert not any("home =" in said for said in console.said)


def test_it_is_asked_once(terminal: Terminal) -> None:
    console, _ = dialogue(terminal)
    assert terminal.run(console=console) == 0
    assert not any("Whose sales" in said for said in console.said)
