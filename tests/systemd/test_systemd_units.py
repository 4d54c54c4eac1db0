"""The unit and what belongs to it: complete, consistent, and closed enough (R58)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pos_terminal.services.process import trusted_clock

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "pos-terminal.service"
EXPOSURE = 1.5

needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze"
)


def section(name: str, file: Path = UNIT) -> dict[str, list[str]]:
    """All values of each option, in order."""
    options: dict[str, list[str]] = {}
    found = ""
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("["):
            found = line.strip("[]")
        elif "=" in line and not line.startswith("#") and found == name:
            key, value = line.split("=", 1)
            options.setdefault(key, []).append(value)
    return options


def lines(name: str) -> list[list[str]]:
    text = (FOLDER / name).read_text("utf-8").splitlines()
    return [line.split() for line in text if line and not line.startswith("#")]


def exposure(folder: Path) -> float:
    """What systemd-analyze makes of the unit in ``folder``, drop-ins included."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", folder / UNIT.name],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return float(found[1])


@needs_analyze
def test_the_unit_is_closed_enough() -> None:
    assert exposure(FOLDER) <= EXPOSURE


@needs_analyze
@pytest.mark.parametrize("protection", ["NoNewPrivileges", "SystemCallFilter", "ProtectSystem"])
def test_the_measure_notices_a_protection_taken_out(tmp_path: Path, protection: str) -> None:
    kept = [
        line
        for line in UNIT.read_text("utf-8").splitlines()
        if not line.startswith(protection + "=")
    ]
    (tmp_path / UNIT.name).write_text("\n".join(kept), "utf-8")
    assert exposure(tmp_path) > exposure(FOLDER)


@needs_analyze
@pytest.mark.parametrize("drop_in", [None, "network.conf", "console.conf", "tpm.conf"])
def test_systemd_understands_every_line(tmp_path: Path, drop_in: str | None) -> None:
    command = section("Service")["ExecStart"][0].split()[0]
    unit = UNIT.read_text("utf-8").replace(command, "/bin/true")
    (tmp_path / UNIT.name).write_text(unit, "utf-8")
    if drop_in is not None:
        folder = tmp_path / f"{UNIT.name}.d"
        folder.mkdir()
        shutil.copy(FOLDER / drop_in, folder)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / UNIT.name],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert complaints == []


def test_a_frozen_loop_is_back_within_eleven_seconds() -> None:
    service = section("Service")
    assert service["Type"] == ["notify"]
    seconds = float(service["WatchdogSec"][0]) + 0.001 * float(
        service["RestartSec"][0].removesuffix("ms")
    )
    assert seconds < 11
    assert service["Restart"] == ["always"]
    assert section("Unit")["StartLimitIntervalSec"] == ["0"]


def test_a_planned_stop_waits_for_a_refund_in_flight() -> None:
    assert float(section("Service")["TimeoutStopSec"][0]) > 90


def test_no_core_file_and_no_swap_ever_holds_a_card_number() -> None:
    service = section("Service")
    assert service["LimitCORE"] == ["0"]
    assert service["MemorySwapMax"] == ["0"]


def test_it_can_not_take_the_memory_of_the_whole_machine() -> None:
    """A Pi 4 has at least 1 GiB; tests/control/test_control_memory.py says what a request takes."""
    (most,) = section("Service")["MemoryMax"]
    assert 256 <= int(most.removesuffix("M")) <= 512
    assert section("Service")["Restart"] == ["always"]


def test_the_service_is_not_root_and_its_user_is_made() -> None:
    (user,) = section("Service")["User"]
    made = {entry[1] for entry in lines("pos-terminal.sysusers") if entry[0] == "u"}
    assert made == {user}


def test_the_service_sees_the_users_of_the_machine_as_they_are() -> None:
    """user_namespaces(7): SO_PEERCRED of one that is not mapped is 65534, whoever it is."""
    assert section("Service").get("PrivateUsers", ["no"]) == ["no"]


def test_every_device_that_is_allowed_can_be_opened_by_a_group_of_the_user() -> None:
    groups = {entry[2] for entry in lines("pos-terminal.sysusers") if entry[0] == "m"}
    made = {entry[1] for entry in lines("pos-terminal.sysusers") if entry[0] == "g"}
    of_device = {
        "char-input": "input",
        "char-ttyS": "dialout",
        "char-ttyAMA": "dialout",
        "char-ttyUSB": "dialout",
        "char-ttyACM": "dialout",
        "char-spi": "spi",
        "char-i2c": "i2c",
        "char-gpiochip": "gpio",
        "/dev/gpiomem": "gpio",
        "/dev/tpmrm0": "tss",
    }
    allowed = {value.split()[0] for value in section("Service")["DeviceAllow"]}
    assert allowed == set(of_device)
    assert groups == set(of_device.values()) == made


def test_every_folder_that_is_written_is_allowed_and_made() -> None:
    service = section("Service")
    folders = {entry[1] for entry in lines("pos-terminal.tmpfiles")}
    for path in service["ReadWritePaths"]:
        assert path.removeprefix("-") in folders
    assert service["StateDirectoryMode"] == ["0700"]


@pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None or os.geteuid() != 0,
    reason="takes systemd-sysusers, and root",
)
def test_systemd_makes_user_groups_and_folders(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    root = f"--root={tmp_path}"
    users = ["systemd-sysusers", root, str(FOLDER / "pos-terminal.sysusers")]
    subprocess.run(users, check=True, capture_output=True)
    groups = dict(
        line.split(":", 1) for line in (tmp_path / "etc/group").read_text("utf-8").splitlines()
    )
    assert groups["dialout"].endswith(":pos-terminal")
    assert "pos-terminal" in (tmp_path / "etc/passwd").read_text("utf-8")


RULE = re.compile(r'(?:(?:[A-Z]+(?:\{\w+\})?)(?:==|!=|\+=|=|:=)"[^"]*"(?:, |$))+')


def test_every_udev_rule_is_well_formed() -> None:
    rules = [
        line.lstrip("#")
        for line in (FOLDER / "70-pos-terminal.rules").read_text("utf-8").splitlines()
        if "SUBSYSTEM==" in line
    ]
    assert len(rules) >= 4
    for rule in rules:
        assert RULE.fullmatch(rule), rule


def test_udev_gives_devices_to_groups_that_exist() -> None:
    text = (FOLDER / "70-pos-terminal.rules").read_text("utf-8")
    made = {entry[1] for entry in lines("pos-terminal.sysusers") if entry[0] == "g"}
    given = set(re.findall(r'GROUP="(\w+)"', text))
    assert given
    assert given <= made


def test_where_the_unit_denies_the_clock_call_timesyncd_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Denied:
        def adjtimex(self, _: object) -> int:
            return -1

    mark = tmp_path / "synchronized"
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: Denied())
    monkeypatch.setattr(trusted_clock, "_SYNCHRONISED", mark)
    assert not trusted_clock.kernel_synchronised()
    mark.touch()
    assert trusted_clock.kernel_synchronised()
    assert "adjtimex" not in json.dumps(section("Service"))


def test_no_unit_waits_for_the_time() -> None:
    """Without a network time never comes: the terminal starts, and says why it does not trade."""
    for unit in FOLDER.glob("*.service"):
        for option in ("After", "Requires", "Wants", "BindsTo"):
            for value in section("Unit", unit).get(option, []):
                assert not re.search(r"time-(sync|set)", value), (unit.name, value)
