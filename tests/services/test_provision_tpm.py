"""``pos-terminal provision`` and ``check`` on a machine with a TPM (R54, R56a)."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from hw_sim.tpm import EmulatedTpm, available
from worlds.config import FILE
from worlds.provisioning import Asked, Machine, a_spec

from pos_terminal.cli.main import run_command
from pos_terminal.config import load
from pos_terminal.services.security.keystore import KeyStore
from pos_terminal.services.security.security import Security

pytestmark = [
    pytest.mark.skipif(not available(), reason="takes swtpm: apt-get install swtpm"),
    pytest.mark.usefixtures("cheap_hashes"),
]

CONFIG = (
    FILE.replace('"data"', '"data"\nlanguage = "{language}"')
    + '[display]\nbackend = "none"\n[security]\ntpm = "{tpm}"\ndevice_key = "{device_key}"\n'
)


class Pi(Machine):
    """A machine with this SD card in it."""

    def __init__(self, card: Path, capsys: pytest.CaptureFixture[str]) -> None:
        card.mkdir()
        super().__init__(card, capsys)
        self.card = card

    def configure(self, tpm: str, device_key: str = "auto", language: str = "en") -> None:
        text = CONFIG.format(tpm=tpm, device_key=device_key, language=language)
        self.file.write_text(text, "utf-8")

    def provision(self, *words: str) -> int:
        return self.give(a_spec(), *words)

    def check(self) -> dict[str, dict[str, Any]]:
        run_command(["check", "--config", str(self.file), "--json"])
        return {row["name"]: row for row in json.loads(self.take_out())}

    @property
    def keys(self) -> KeyStore:
        return KeyStore.of(load(self.file))

    def files(self) -> set[str]:
        return {path.name for path in (self.data / "keys").iterdir()}


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
    assert pi.audit()[-1][1]["device_key"] == "tpm"
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
    assert with_file.audit()[-1] == ("keys_sealed", {"device_key": "tpm"})
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
    assert pi.run("--export-keys", bundle, console=Asked(first, first, second, second)) == 0
    with EmulatedTpm(chips / "the other Pi's") as other:
        pi.configure(other.address)
        assert pi.run("--reset-pin", "101") == 1
        assert "sealed by another TPM" in pi.err
        assert pi.run("--import-keys", bundle, console=Asked(first, second)) == 1
        assert pi.run("--wipe", console=Asked("12345678")) == 0
        assert pi.files() == set()
        assert pi.run("--import-keys", bundle, console=Asked(first, second)) == 0
        assert "sealed by this machine's TPM" in pi.out
        assert (pi.keys.tmk, pi.keys.local_keys()) == (old.tmk, old.local_keys())


def test_a_wipe_needs_no_tpm(pi: Pi) -> None:
    assert pi.provision() == 0
    pi.configure("/dev/no-such-tpm")
    assert pi.run("--wipe", console=Asked("12345678")) == 0
    assert pi.files() == set()
    assert not (pi.data / "ring.bin").exists()


def test_a_wipe_is_in_the_audit_log_where_the_tpm_still_gives_the_key(pi: Pi) -> None:
    assert pi.provision() == 0
    assert pi.run("--wipe", console=Asked("12345678")) == 0
    assert pi.audit()[-1][0] == "keys_wiped"
