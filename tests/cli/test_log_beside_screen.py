"""Started by hand on a console, the program does not write its log across its own screen."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import tty
from pathlib import Path

import pytest
from worlds.config import DEVICELESS

ON_A_TERMINAL = DEVICELESS.replace('"none"', '"ansi"').replace('"data"', '"data"\nlanguage = "en"')
LOGGED = "ERROR pos_terminal.stopped: out of service"
PATIENCE = 30.0


class Console:
    """A terminal with the program on it; nobody provisioned it: it says so on the screen, and in
    its log."""

    def __init__(self, folder: Path, *, display: str = "", errors: Path | None = None) -> None:
        self._master, terminal = pty.openpty()
        tty.setraw(terminal)
        (folder / "data").mkdir()
        device = display and os.ttyname(terminal)
        file = folder / "terminal.toml"
        file.write_text(f'{ON_A_TERMINAL}device = "{device}"\n', "utf-8")
        command = [sys.executable, "-P", "-m", "pos_terminal", "run", "--config", str(file)]
        other = None if errors is None else errors.open("wb")
        self._process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=subprocess.DEVNULL if display else terminal,
            stderr=other or terminal,
            start_new_session=True,
        )
        os.close(terminal)
        if other is not None:
            other.close()

    def until_stopped(self) -> tuple[str, str]:
        """Ended once it has said why it does not trade: what was on the terminal before, and what
        it left there when it gave the screen back."""
        before = self._read_until(b"Not set up")
        self._process.terminate()
        after = self._read_until(None)
        assert self._process.wait(PATIENCE) == 0
        os.close(self._master)
        return before, after

    def _read_until(self, text: bytes | None) -> str:
        """Without a text: to the end, when nobody has the terminal any more."""
        seen = b""
        while text is None or text not in seen:
            assert select.select([self._master], [], [], PATIENCE)[0], seen
            try:
                seen += os.read(self._master, 65536)
            except OSError:  # EIO: the other side is closed
                assert text is None, seen
                break
        return seen.decode()


@pytest.mark.parametrize("display", ["", "its own"], ids=["standard output", "named"])
def test_the_log_is_not_written_across_the_screen(tmp_path: Path, display: str) -> None:
    before, after = Console(tmp_path, display=display).until_stopped()
    file = tmp_path / "data" / "terminal.log"
    assert LOGGED in file.read_text("utf-8")
    assert "ERROR" not in before + after
    assert after.count(str(file)) == 1
    assert after.rstrip().endswith(f"the log is in {file}")


def test_where_the_errors_go_elsewhere_the_log_goes_with_them(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    before, after = Console(tmp_path, errors=errors).until_stopped()
    assert LOGGED in errors.read_text("utf-8")
    assert "terminal.log" not in before + after
    assert not (tmp_path / "data" / "terminal.log").exists()
