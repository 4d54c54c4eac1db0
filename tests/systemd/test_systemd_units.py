"""The unit and what belongs to it: complete, consistent, and closed enough (R58)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pos_terminal.services.process import trusted_clock

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "pos-terminal.service"
EXPOSURE = 1.5
TILLS = "pos-tills"

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
    groups = {entry[2] for entry in lines("pos-terminal.sysusers") if entry[0] == "m"} - {TILLS}
    made = {entry[1] for entry in lines("pos-terminal.sysusers") if entry[0] == "g"} - {TILLS}
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
    for path in service["ReadWritePaths"][0].split():
        assert path.removeprefix("-") in folders
    assert service["StateDirectoryMode"] == ["0700"]


def test_the_folder_of_the_keys_is_there_before_the_terminal_first_starts() -> None:
    """Keys are loaded before that, by the terminal's user, who may make nothing in /var/lib."""
    service = section("Service")
    folder = f"/var/lib/{service['StateDirectory'][0]}"
    (user,), (mode,) = service["User"], service["StateDirectoryMode"]
    assert ["d", folder, mode, user, user, "-"] in lines("pos-terminal.tmpfiles")


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


PEOPLE = {"terminal": 4001, "till": 4002, "stranger": 4003}
"""Numbers that no user of this machine has."""
READ = "open(sys.argv[1]).read()"
DROP_CARD = "open(sys.argv[1], 'x').write('4761739001010010')"
DROP = "open(sys.argv[1], 'x').write('{}')"
LINK = "os.symlink('/etc/passwd', sys.argv[1])"
LIST = "os.listdir(sys.argv[1])"
MOVE = "os.rename(sys.argv[1], sys.argv[1] + '.moved')"
CONNECT = "socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
REFUSE = """
path = Path(sys.argv[1])
refuse_whole(path, path.parent / "refused", ["1\\tbad\\t坏\\tbad"])
"""
SERVE = """
async def main():
    path = Path(sys.argv[1])
    classes = Classes(Control(socket=str(path)))
    server = ControlServer(path, {}, Language.EN, classes=classes, off_loop=inline)
    serving = asyncio.ensure_future(server.run())
    while not path.is_socket() or path.stat().st_mode & 0o777 != 0o660:
        await asyncio.sleep(0)
    print("there", flush=True)
    await serving

asyncio.run(main())
"""
NEEDS = """
import asyncio
from pathlib import Path
from pos_terminal.config import Control
from pos_terminal.control.classes import Classes
from pos_terminal.control.server import ControlServer
from pos_terminal.services.intake.refused import refuse_whole
from pos_terminal.services.proof.opening import inline
from pos_terminal.texts import Language
"""
BECOME = """
import encodings.idna, os, socket, sys
{needs}
os.umask({umask})
os.setgroups({groups})
os.setgid({group})
os.setuid({user})
"""
"""Root's Python may be where nobody else can look: all is imported before it is somebody else."""


@pytest.mark.skipif(
    shutil.which("systemd-tmpfiles") is None or os.geteuid() != 0,
    reason="takes systemd-tmpfiles, and root",
)
def test_a_till_reaches_socket_and_inbox_and_reads_no_key() -> None:
    """With the real folders of systemd-tmpfiles, as users of the kernel's own."""
    root = Path(tempfile.mkdtemp(prefix="pos", dir="/tmp"))  # others must pass through it
    try:
        root.chmod(0o755)
        groups = _installed(root)
        _till_story(root, groups)
    finally:
        shutil.rmtree(root)


def _installed(root: Path) -> dict[str, int]:
    """Folders as at a boot, with a key of each kind; the numbers of the two groups."""
    (root / "etc").mkdir()
    groups = {"pos-terminal": 4001, TILLS: 4010}
    (root / "etc/passwd").write_text("root:x:0:0::/:\npos-terminal:x:4001:4001::/:\n")
    (root / "etc/group").write_text(
        "root:x:0:\n" + "".join(f"{name}:x:{number}:\n" for name, number in groups.items())
    )
    file = FOLDER / "pos-terminal.tmpfiles"
    command = ["systemd-tmpfiles", f"--root={root}", "--create", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    key = root / "etc/pos-terminal/tls/client.key"
    key.write_text("secret")
    os.chown(key, 0, groups["pos-terminal"])
    key.chmod(0o640)
    return groups


def _till_story(root: Path, groups: dict[str, int]) -> None:
    inbox, socket = root / "var/spool/pos-terminal/inbox", root / "run/pos-terminal/control.sock"
    own = [groups["pos-terminal"], groups[TILLS]]

    def may(who: str, code: str, path: Path) -> bool:
        of = {"terminal": own, "till": [groups[TILLS]], "stranger": []}[who]
        with _as(PEOPLE[who], of, code, path) as process:
            _, said = process.communicate()
        assert process.returncode == 0 or b"\nPermissionError: " in said, said.decode()
        return process.returncode == 0

    key = root / "etc/pos-terminal/tls/client.key"
    assert may("terminal", READ, key)
    assert not may("till", READ, key)
    assert not may("till", LIST, key.parent), "whatever mode a key has there"
    assert may("till", DROP, inbox / "day.jsonl")
    assert not may("stranger", DROP, inbox / "other.jsonl")
    assert may("terminal", REFUSE, inbox / "day.jsonl")
    refused = [inbox / "refused/day.jsonl", inbox / "refused/day.jsonl.errors.txt"]
    for file in refused:
        assert may("till", READ, file)
        assert not may("stranger", READ, file)
        assert file.stat().st_uid == PEOPLE["terminal"], "or no purge could overwrite it"
    assert not may("till", DROP, inbox / "refused/x")
    card = inbox / "cards.jsonl"
    assert may("till", DROP_CARD, card)
    assert may("terminal", REFUSE, card)
    assert not card.exists(), "nobody else may write it: it goes as it is"
    assert "4761739001010010" not in (inbox / "refused/cards.jsonl").read_text()
    assert may("till", LINK, inbox / "link.jsonl")
    assert may("terminal", REFUSE, inbox / "link.jsonl")
    assert (inbox / "refused/link.jsonl").is_symlink(), "it leads where others may not read"
    assert not may("till", LIST, inbox / "done")
    assert not may("till", MOVE, inbox / "refused")
    server = _as(PEOPLE["terminal"], own, SERVE, socket)
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"there\n"
        assert may("till", CONNECT, socket)
        assert not may("stranger", CONNECT, socket)
    finally:
        server.kill()
        server.wait()


def _as(user: int, groups: list[int], code: str, path: Path) -> subprocess.Popen[bytes]:
    """Python as that user; the terminal with the umask of its unit."""
    terminal = user == PEOPLE["terminal"]
    (umask,) = section("Service")["UMask"]
    become = BECOME.format(
        needs=NEEDS if code in (REFUSE, SERVE) else "",
        umask=int(umask, 8) if terminal else 0o022,
        groups=groups,
        group=groups[0] if terminal else user,
        user=user,
    )
    command = [sys.executable, "-c", become + code, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


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
