"""``pos-terminal provision`` and ``check`` on a machine with a TPM (R54, R56a)."""

from __future__ import annotations

import argparse
import json
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hw_sim.tpm import EmulatedTpm, available

from pos_terminal.cli.main import run_command
from pos_terminal.cli.provision import add_arguments, run
from pos_terminal.config import load
from pos_terminal.core.people import pin_is_trivial
from pos_terminal.core.words import Words
from pos_terminal.services.ledger.connect import open_reader
from pos_terminal.services.security.keystore import KeyStore
from pos_terminal.services.security.security import Security

pytestmark = pytest.mark.skipif(not available(), reason="takes swtpm: apt-get install swtpm")

CONFIG = """
[terminal]
merchant_id = "898110012345678"
terminal_id = "10000001"
merchant_name = "示例商店"
data_dir = "data"
language = "{language}"
[acquirer]
address = ["127.0.0.1:1"]
private_line = true
[control]
socket = "control"
[printer]
port = "printer"
[keypad]
device = "keypad"
[display]
backend = "none"
[security]
tpm = "{tpm}"
device_key = "{device_key}"
"""


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pin_hash", "transfer"):
        monkeypatch.setattr(f"pos_terminal.services.security.{module}.MEMORY_KIB", 8)
        monkeypatch.setattr(f"pos_terminal.services.security.{module}.PASSES", 1)


class Asked:
    """A console whose answers are in a script, in order."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)

    def ask(self, question: Words) -> str:
        return self._answers.pop(0)

    secret = ask

    def tell(self, words: Words) -> None:
        pass


class Pi:
    """A machine with this SD card in it, and the command run on it."""

    def __init__(self, card: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.card = card
        card.mkdir()
        self.file = card / "terminal.toml"
        self.data = card / "data"
        self._capsys = capsys
        self.out = self.err = ""

    def configure(self, tpm: str, device_key: str = "auto", language: str = "en") -> None:
        text = CONFIG.format(tpm=tpm, device_key=device_key, language=language)
        self.file.write_text(text, "utf-8")

    def run(self, *words: str, answers: tuple[str, ...] = ()) -> int:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        arguments = parser.parse_args(["--config", str(self.file), *words])
        status = run(arguments, Asked(*answers))
        self.out, self.err = self._capsys.readouterr()
        return status

    def provision(self, *words: str) -> int:
        file = self.card / "spec.json"
        file.write_text(json.dumps(spec()), "utf-8")
        return self.run("--from", str(file), *words)

    def check(self) -> dict[str, dict[str, Any]]:
        run_command(["check", "--config", str(self.file), "--json"])
        return {row["name"]: row for row in json.loads(self._capsys.readouterr().out)}

    @property
    def keys(self) -> KeyStore:
        return KeyStore.of(load(self.file))

    def audit(self) -> tuple[str, dict[str, Any]]:
        reader = open_reader(self.data / "ledger.db")
        row = reader.execute("SELECT kind, facts FROM audit ORDER BY seq DESC").fetchone()
        reader.close()
        return row["kind"], json.loads(row["facts"])

    def files(self) -> set[str]:
        return {path.name for path in (self.data / "keys").iterdir()}


def spec() -> dict[str, Any]:
    def pin(number: str) -> str:
        while pin_is_trivial(found := f"{secrets.randbelow(1_000_000):06d}", number):
            pass
        return found

    roles = {"101": "clerk", "201": "supervisor"}
    return {
        "people": [
            {"number": number, "name": "某人", "role": role, "pin": pin(number)}
            for number, role in roles.items()
        ],
        "tmk_components": [secrets.token_hex(16), secrets.token_hex(16)],
        "batch": "000017",
    }


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory, where the system has that: these tests sync often, and no disk is tested."""
    memory = Path("/dev/shm")  # noqa: S108 - a new folder of our own in there
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def chips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the chips have. Where AppArmor guards swtpm, it may not write everywhere."""
    return tmp_path_factory.mktemp("chips")


@pytest.fixture
def chip(chips: Path) -> Iterator[EmulatedTpm]:
    with EmulatedTpm(chips / "one") as chip:
        yield chip


@pytest.fixture
def pi(tmp_path: Path, capsys: pytest.CaptureFixture[str], chip: EmulatedTpm) -> Pi:
    pi = Pi(tmp_path / "card", capsys)
    pi.configure(chip.address)
    return pi


@pytest.fixture
def with_file(pi: Pi, chip: EmulatedTpm) -> Pi:
    """Provisioned when there was no TPM, which has come since."""
    pi.configure(chip.address, "file")
    assert pi.provision() == 0
    pi.configure(chip.address)
    return pi


def test_where_there_is_a_tpm_it_is_used_and_said(pi: Pi) -> None:
    assert pi.provision() == 0
    assert "device key   sealed by this machine's TPM" in pi.out
    assert pi.files() == {"device.tpm", "local.keys", "terminal.keys"}
    assert pi.audit()[1]["device_key"] == "tpm"
    assert pi.check()["keys"]["text"].startswith("Sealed by the TPM at tcp://")
    Security.open(load(pi.file)).close()


def test_the_answer_for_scripts_names_it_too(pi: Pi) -> None:
    assert pi.provision("--json") == 0
    assert json.loads(pi.out)["device_key"] == "tpm"


def test_check_recommends_a_tpm_that_nobody_uses(with_file: Pi, chip: EmulatedTpm) -> None:
    found = with_file.check()["keys"]
    assert found["ok"]
    assert "--seal-to-tpm" in found["text"]
    with_file.configure(chip.address, language="zh_CN")
    assert "建议停机后运行" in with_file.check()["keys"]["text"]
    with_file.configure("/dev/no-such-tpm")
    assert "whoever has the SD card" in with_file.check()["keys"]["text"]


def test_check_names_what_is_wrong_with_the_tpm(pi: Pi) -> None:
    assert pi.provision() == 0
    pi.configure("/dev/no-such-tpm")
    found = pi.check()["keys"]
    assert not found["ok"]
    assert "/dev/no-such-tpm is not there" in found["tech"]


def test_check_makes_no_keys(pi: Pi, chip: EmulatedTpm) -> None:
    assert pi.check()["keys"]["ok"]
    assert not (pi.data / "keys").exists()
    assert chip.passed == []


def test_keys_in_a_file_are_sealed_afterwards(with_file: Pi) -> None:
    keys = with_file.keys
    assert with_file.run("--seal-to-tpm") == 0
    assert with_file.out == "device key   sealed by this machine's TPM\n"
    assert with_file.files() == {"device.tpm", "local.keys", "terminal.keys"}
    assert with_file.keys.tmk == keys.tmk
    assert with_file.audit() == ("keys_sealed", {"device_key": "tpm"})
    assert with_file.run("--seal-to-tpm") == 0


def test_a_move_that_broke_off_is_reported_and_repeated(
    with_file: Pi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pos_terminal.services.security.into_tpm.destroy", power_cut)
        with pytest.raises(KeyboardInterrupt):
            with_file.run("--seal-to-tpm")
    found = with_file.check()["keys"]
    assert not found["ok"]
    assert "--seal-to-tpm again" in found["tech"]
    Security.open(load(with_file.file)).close()
    assert with_file.run("--seal-to-tpm") == 0
    assert with_file.check()["keys"]["ok"]


def test_no_move_while_the_configuration_wants_a_file(with_file: Pi, chip: EmulatedTpm) -> None:
    with_file.configure(chip.address, "file")
    assert with_file.run("--seal-to-tpm") == 1
    assert "security.device_key" in with_file.err
    assert "device.key" in with_file.files()


def test_the_card_in_another_pi_gives_nothing_and_the_export_moves_the_keys(
    pi: Pi, tmp_path: Path, chips: Path
) -> None:
    assert pi.provision() == 0
    old, bundle = pi.keys, str(tmp_path / "bundle")
    first, second = secrets.token_hex(8), secrets.token_hex(8)
    assert pi.run("--export-keys", bundle, answers=(first, first, second, second)) == 0
    with EmulatedTpm(chips / "the other Pi's") as other:
        pi.configure(other.address)
        assert pi.run("--reset-pin", "101") == 1
        assert "sealed by another TPM" in pi.err
        assert pi.run("--import-keys", bundle, answers=(first, second)) == 1
        assert pi.run("--wipe", answers=("10000001",)) == 0
        assert pi.files() == set()
        assert pi.run("--import-keys", bundle, answers=(first, second)) == 0
        assert "sealed by this machine's TPM" in pi.out
        assert (pi.keys.tmk, pi.keys.local_keys()) == (old.tmk, old.local_keys())


def test_a_wipe_needs_no_tpm(pi: Pi) -> None:
    assert pi.provision() == 0
    pi.configure("/dev/no-such-tpm")
    assert pi.run("--wipe", answers=("10000001",)) == 0
    assert pi.files() == set()
    assert not (pi.data / "ring.bin").exists()


def test_a_wipe_is_in_the_audit_log_where_the_tpm_still_gives_the_key(pi: Pi) -> None:
    assert pi.provision() == 0
    assert pi.run("--wipe", answers=("10000001",)) == 0
    assert pi.audit()[0] == "keys_wiped"
