"""``pos-terminal check`` says of everything whether it is well, and never opens what is in use."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import struct
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from worlds.config import DEVICELESS

from pos_terminal.cli.main import run_command
from pos_terminal.config import load
from pos_terminal.core.working_days import WorkingDays
from pos_terminal.services.proof.opening import SystemClock, inline, open_ledger

CONFIG = DEVICELESS.replace("[acquirer]", 'language = "en"\n[acquirer]').replace(
    '"tty/printer"', '"tty/printer"\nprofile = "default"'
)
Findings = dict[str, dict[str, Any]]
Look = Callable[..., Findings]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A terminal that has none of its devices."""
    path = tmp_path / "till-3.toml"
    path.write_text(CONFIG, "utf-8")
    return path


@pytest.fixture
def findings(file: Path, capsys: pytest.CaptureFixture[str]) -> Look:
    """What the command finds, by name, after replacing texts in the configuration."""

    def look(**changes: str) -> Findings:
        text = file.read_text("utf-8")
        for old, new in changes.items():
            assert f"\n{old} = " in text
            text = "\n".join(
                f"{old} = {new}" if line.startswith(f"{old} = ") else line
                for line in text.split("\n")
            )
        file.write_text(text, "utf-8")
        assert run_command(["check", "--config", str(file), "--json"]) == 1
        return {row["name"]: row for row in json.loads(capsys.readouterr().out)}

    return look


def served(file: Path, answer: dict[str, Any]) -> AbstractContextManager[list[Any]]:
    """Answers at the control socket as a running terminal does; gives the requests."""

    @contextmanager
    def serving() -> Iterator[list[Any]]:
        requests: list[Any] = []
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(file.parent / "control.sock"))
            listener.listen()
            listener.settimeout(10)
            thread = threading.Thread(target=lambda: requests.append(_serve(listener, answer)))
            thread.start()
            yield requests
            thread.join(10)
            assert not thread.is_alive()

    return serving()


def _serve(listener: socket.socket, answer: dict[str, Any]) -> Any:
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as line:
        request = json.loads(line.readline())
        line.write(json.dumps(answer).encode() + b"\n")
    return request


STATE = {
    "ok": True,
    "devices": {
        "keypad": {"up": True, "text": "", "tech": ""},
        "reader.tap": {"up": False, "text": "Gone", "tech": "The reader is gone."},
    },
    "conditions": [
        {
            "name": "reader.tap",
            "up": False,
            "text": "Gone",
            "next": "Put it back",
            "tech": "The reader is gone.",
        },
        {"name": "keypad", "up": True, "text": "", "next": "", "tech": ""},
        {"name": "line", "up": True, "text": "", "next": "", "tech": ""},
    ],
}


def test_a_running_terminal_is_asked_for_its_devices(findings: Look, file: Path) -> None:
    alone = findings()
    assert not alone["keypad"]["ok"], "there is none to be opened"
    assert not alone["keypad"]["live"]
    with served(file, STATE) as requests:
        found = findings()
    assert requests == [{"verb": "state"}]
    assert found["keypad"]["ok"]
    assert found["keypad"]["live"]
    assert found["reader.tap"] == {
        "name": "reader.tap",
        "ok": False,
        "live": True,
        "text": "Gone  Put it back",
        "tech": "The reader is gone.",
    }
    assert "printer" not in found
    others = ("rules", "home", "provision", "control", "calendar", "ledger", "slips", "acquirer")
    assert [found[name] for name in others] == [alone[name] for name in others]


def test_people_are_told_that_the_terminal_runs(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(file, STATE):
        run_command(["check", "--config", str(file)])
    lines = capsys.readouterr().out.splitlines()
    assert any("running" in line for line in lines)
    assert "ok    keypad (live)" in lines
    assert "FAIL  reader.tap (live): Gone  Put it back" in lines
    assert "ok    line (live)" in lines


@pytest.mark.parametrize("answer", [{"ok": False, "error": "known verbs: screen, wait"}, {}])
def test_a_terminal_that_holds_no_devices_yet_leaves_them_to_check(
    findings: Look, file: Path, answer: dict[str, Any]
) -> None:
    with served(file, answer):
        found = findings()
    assert not found["keypad"]["ok"]
    assert not found["keypad"]["live"]


@pytest.mark.parametrize("cause", ["control.class", "ledger.tampered"])
def test_a_running_terminal_that_refuses_to_say_keeps_its_devices(
    findings: Look, file: Path, cause: str
) -> None:
    """It holds them: opened here, each would be found busy and be called broken."""
    refusal = {
        "ok": False,
        "cause": "control.class",
        "error": "Not you",
        "tech": "In no class.",
    }
    with served(file, refusal):
        found = findings()
    assert found["terminal"] == {
        "name": "terminal",
        "ok": False,
        "live": True,
        "text": "Not you",
        "tech": "In no class.",
    }
    assert "keypad" not in found


def test_a_user_or_group_that_this_machine_lacks_is_named(findings: Look, file: Path) -> None:
    assert findings()["control"]["ok"]
    with file.open("a", encoding="utf-8") as more:
        more.write(
            '[control.classes]\ntill = ["root", "no-such-till", "@no-such-group"]\n'
            'feed = ["@no-such-group"]\n'
        )
    found = findings()["control"]
    assert not found["ok"]
    assert found["tech"].count("@no-such-group") == 1
    assert "no-such-till, @no-such-group" in found["tech"]


def test_a_display_that_cannot_be_opened_is_named(findings: Look, file: Path) -> None:
    assert findings()["display"]["ok"]
    file.write_text(
        CONFIG.replace('backend = "none"', 'backend = "ansi"\ndevice = "/dev/none"'), "utf-8"
    )
    found = findings()["display"]
    assert not found["ok"]
    assert "/dev/none" in found["tech"]


def test_the_displays_terminal_is_opened(file: Path, findings: Look) -> None:
    master, slave = os.openpty()
    device = os.ttyname(slave)
    file.write_text(
        CONFIG.replace('backend = "none"', f'backend = "ansi"\ndevice = "{device}"'), "utf-8"
    )
    assert findings()["display"]["ok"]
    os.close(master)
    os.close(slave)


def test_standard_output_is_left_to_the_findings(findings: Look, file: Path) -> None:
    file.write_text(CONFIG.replace('backend = "none"', 'backend = "ansi"'), "utf-8")
    assert findings()["display"]["ok"]


def test_a_printer_profile_that_is_none_is_named(findings: Look, file: Path) -> None:
    assert findings()["slips"]["ok"]
    found = findings(profile='"TM-T88VV"')["slips"]
    assert not found["ok"]
    for named in (str(file.resolve()), "[printer] profile", "TM-T88VV", "TM-T88V,", "default"):
        assert named in found["tech"]


def test_without_a_home_for_sales_nothing_is_traded_and_it_is_told(
    findings: Look, file: Path
) -> None:
    assert findings()["home"]["ok"]
    file.write_text(CONFIG.replace('home = "all"\n', ""), "utf-8")
    found = findings()["home"]
    assert not found["ok"]
    assert f"[sales] home is not in {file.resolve()}" in found["tech"]


def test_advice_names_the_file_that_was_given(
    findings: Look, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = findings()
    assert f"provision --config {file.resolve()}" in found["provision"]["tech"]
    assert all("terminal.toml" not in one["tech"] for one in found.values())
    assert run_command(["provision", "--config", str(file), "--reset-pin", "9"]) == 1
    said = capsys.readouterr().err
    assert "terminal.toml" not in said
    assert str(file) in said


def test_where_no_reader_is_configured_none_is_called_well(findings: Look) -> None:
    every = findings()
    found = every["reader"]
    assert "readers" not in every, "there are no two to be told apart"
    assert (found["ok"], found["text"]) == (True, "none configured: no card can be read")


def test_a_screen_that_is_too_small_is_told(file: Path, findings: Look) -> None:
    master, slave = os.openpty()
    device = os.ttyname(slave)
    size = struct.pack("HHHH", 7, 40, 0, 0)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
    file.write_text(
        CONFIG.replace(
            'backend = "none"', f'backend = "ansi"\ndevice = "{device}"\ncolumns = 20\nrows = 8'
        ),
        "utf-8",
    )
    found = findings()["display"]
    assert not found["ok"]
    assert "40 columns and 7 rows, and 20 x 8" in found["tech"]
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 8, 20, 0, 0))
    assert findings()["display"]["ok"]
    os.close(master)
    os.close(slave)


def test_a_ledger_of_another_terminal_is_told(findings: Look, file: Path) -> None:
    (file.parent / "data").mkdir()
    ledger = open_ledger(
        load(file).ledger,
        clock=SystemClock(UTC),
        runner=inline,
        vault=None,
        tokens=None,
        merchant_id="898310012340001",
        terminal_id="12345678",
        zone=UTC,
        audit_key=secrets.token_bytes(32),
    )
    ledger.close()
    assert findings()["ledger"]["ok"]
    found = findings(terminal_id='"87654321"')["ledger"]
    assert not found["ok"]
    assert found["tech"].startswith(
        "terminal_id in the ledger is 12345678, the configuration says 87654321."
    )


def test_an_acquirer_that_is_down_is_told_to_a_technician(
    findings: Look,
) -> None:
    found = findings()["acquirer"]
    assert found["text"] == "No connection to the acquirer at 127.0.0.1:1"
    assert "Try the cable and the router" in found["tech"]
    assert "refunded" not in found["text"] + found["tech"]


@pytest.mark.parametrize(
    ("contact", "tap", "ok"),
    [
        ("Alcor Micro AU9540 00 00", "Alcor Micro AU9540 00 00", False),
        ("Alcor Micro AU9540 00 00", "Alcor Micro AU9540 01 00", False),
        ("Alcor Micro AU9540 00 00", "Alcor Micro AU9540 00 01", True),
        ("Twin Reader (A1) 00 00", "Twin Reader (B2) 00 00", True),
    ],
)
def test_two_readers_under_one_name_are_told(
    findings: Look, file: Path, contact: str, tap: str, ok: bool
) -> None:
    """Also while the terminal runs, and knows nothing of it."""
    sections = f'\n[reader.contact]\nname = "{contact}"\n\n[reader.tap]\nname = "{tap}"\n'
    file.write_text(file.read_text("utf-8") + sections, "utf-8")
    with served(file, STATE):
        told = findings()["readers"]
    assert told["ok"] is ok
    assert ok or (contact in told["tech"] and tap in told["tech"])


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Configuration error at [policy] supervisor"),
        ("zh_CN", "配置错误 [policy] supervisor"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_as_all_else_is(
    file: Path, capsys: pytest.CaptureFixture[str], language: str, says: str
) -> None:
    """In the language of the screens: rules and devices are."""
    text = file.read_text("utf-8").replace('language = "en"', f'language = "{language}"')
    file.write_text(f'{text}\n[policy]\nsupervisor = "sometimes"\n', "utf-8")
    assert run_command(["check", "--config", str(file)]) == 2
    assert says in capsys.readouterr().err
    file.write_text("[", "utf-8")
    assert run_command(["check", "--config", str(file)]) == 2
    assert "is not valid TOML" in capsys.readouterr().err, "nobody can read it: in English"


@pytest.mark.parametrize(("left", "said"), [(60, False), (59, True), (-1, True)])
def test_the_end_of_the_list_of_working_days_is_said(
    findings: Look, monkeypatch: pytest.MonkeyPatch, left: int, said: bool
) -> None:
    """It is no failure: Monday to Friday count after it."""
    last = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=left)
    ends = WorkingDays(frozenset(), frozenset(), last)
    monkeypatch.setattr("pos_terminal.config.of_china", lambda: ends)
    found = findings()["calendar"]
    assert found["ok"]
    assert (last.isoformat() in found["text"] and "[calendar]" in found["text"]) is said
