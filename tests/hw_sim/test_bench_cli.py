"""The verbs at the shell: help on each, from any folder, and plain words when nothing is up."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hw_sim.bench import show
from hw_sim.bench.files import Files, write_json
from hw_sim.cli import main
from hw_sim.cli_bench import keys

from pos_terminal.core.cells import width

EXECUTABLE = Path(__file__).parents[2] / "hw-sim" / "hw-sim"
VERBS = [
    *("up", "demo", "sim", "press", "scan", "card", "cards", "sales", "printer", "receipts"),
    *("printer-bytes", "drawer", "acquirer", "unplug", "plug", "screen", "wait", "state"),
    "terminal",
]


class TalkingSocket:
    """A Unix socket that answers each request as it is told; for bench and terminal alike."""

    def __init__(self, path: Path, answers: dict[str, Any]) -> None:
        self.asked: list[Any] = []
        self._answers = answers
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            with link, link.makefile("rwb") as file:
                request = json.loads(file.readline())
                self.asked.append(request)
                file.write(json.dumps(self._answers[request["verb"]]).encode() + b"\n")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A bench folder whose sockets lie in a short folder of their own."""
    with tempfile.TemporaryDirectory(prefix="hwsim-") as runtime:
        ends = {name: str(Path(runtime, f"{name}.sock")) for name in ("bench", "control")}
        write_json(Files(tmp_path).bench, ends)
        yield tmp_path


def end(folder: Path, name: str) -> Path:
    return Path(json.loads(Files(folder).bench.read_text())[name])


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    assert f"hw-sim {verb}" in capsys.readouterr().out


def test_the_executable_runs_from_any_folder_without_an_environment(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken for the library')")
    done = subprocess.run(
        [EXECUTABLE, "press", "nowhere", "1"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr == "hw-sim press: no bench is up in nowhere: start one with `hw-sim up`\n"


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("1234", ["1", "2", "3", "4"]),
        ("00", ["00"]),
        ("000", ["0", "0", "0"]),
        (".", ["."]),
        ("12.5", ["1", "2", ".", "5"]),
        ("enter", ["enter"]),
    ],
)
def test_digits_are_keys(word: str, found: list[str]) -> None:
    assert keys(word) == found


def test_words_go_to_the_bench(folder: Path) -> None:
    bench = TalkingSocket(end(folder, "bench"), {"press": {"ok": True, "answer": None}})
    assert main(["press", str(folder), "101", "enter"]) == 0
    bench.close()
    assert bench.asked == [{"verb": "press", "words": ["1", "0", "1", "enter"]}]


def test_the_benchs_no_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = TalkingSocket(end(folder, "bench"), {"scan": {"ok": False, "error": "no such key"}})
    assert main(["scan", str(folder), "€"]) == 1
    bench.close()
    assert capsys.readouterr().err == "hw-sim scan: no such key\n"


def test_words_that_the_bench_calls_wrong_are_wrong_usage(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"ok": False, "error": "no such key", "usage": True}
    bench = TalkingSocket(end(folder, "bench"), {"scan": wrong})
    assert main(["scan", str(folder), "€"]) == 2
    bench.close()
    assert capsys.readouterr().err == "hw-sim scan: no such key\n"


def test_acquirer_modes(folder: Path) -> None:
    bench = TalkingSocket(end(folder, "bench"), {"acquirer": {"ok": True, "answer": None}})
    words = ["mode", "swallow", "--count", "2", "--on", "refund"]
    assert main(["acquirer", str(folder), *words]) == 0
    bench.close()
    assert bench.asked == [{"verb": "acquirer", "words": words}]


@pytest.mark.parametrize("what", ["ledger", "log", "probes", "modes"])
def test_json_is_what_the_bench_said(
    folder: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    rows = [{"kind": "refund", "paid": 5, "note": "退货"}]
    bench = TalkingSocket(end(folder, "bench"), {"acquirer": {"ok": True, "answer": rows}})
    assert main(["acquirer", str(folder), what, "--json"]) == 0
    bench.close()
    assert json.loads(capsys.readouterr().out) == rows


def test_printer_bytes_are_raw(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    bench = TalkingSocket(end(folder, "bench"), {"printer-bytes": {"ok": True, "answer": "1b40ff"}})
    assert main(["printer-bytes", str(folder)]) == 0
    bench.close()
    assert capfdbinary.readouterr().out == b"\x1b@\xff"


@pytest.mark.parametrize("words", [["insert"], ["tap"], ["remove", "visa"]])
def test_a_card_is_named_when_it_comes(folder: Path, words: list[str]) -> None:
    assert main(["card", str(folder), *words]) == 2


def test_a_dead_bench_is_said_plainly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cards", str(folder)]) == 1
    assert "is not up any more" in capsys.readouterr().err


def test_the_screen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = {"ok": True, "prompt": "home", "rows": ["退款终端", "Scan"], "columns": 20}
    terminal = TalkingSocket(end(folder, "control"), {"screen": shown})
    assert main(["screen", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "prompt": "home",
        "rows": ["退款终端", "Scan"],
        "columns": 20,
    }
    assert main(["screen", str(folder)]) == 0
    terminal.close()
    lines = capsys.readouterr().out.splitlines()
    assert {width(line) for line in lines[1:-1]} == {22}
    assert "home" in lines[0]


def test_no_terminal_is_said_plainly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", str(folder)]) == 1
    assert main(["wait", str(folder), "home", "--timeout", "0"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "hw-sim screen: no terminal runs: start one with `hw-sim terminal`",
        "hw-sim wait: no terminal runs (waited 0 s)",
    ]


def test_wait_tells_what_came(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = TalkingSocket(end(folder, "control"), {"wait": {"ok": True, "prompt": "result"}})
    assert main(["wait", str(folder), "host.wait|result", "--timeout", "3"]) == 0
    terminal.close()
    assert capsys.readouterr().out == "result\n"
    assert terminal.asked[0]["prompt"] == "host.wait|result"
    assert 0 < terminal.asked[0]["timeout"] <= 3


def test_wait_tells_where_it_got_stuck(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stuck = {"ok": False, "error": "timeout", "prompt": "sale"}
    terminal = TalkingSocket(end(folder, "control"), {"wait": stuck})
    assert main(["wait", str(folder), "home", "--timeout", "1"]) == 1
    terminal.close()
    assert "home did not come within 1 s; now at sale" in capsys.readouterr().err


def test_wait_bears_a_terminal_that_is_not_up_yet(folder: Path) -> None:
    answers = {"wait": {"ok": True, "prompt": "home"}}
    started: list[TalkingSocket] = []
    late = threading.Timer(
        0.2, lambda: started.append(TalkingSocket(end(folder, "control"), answers))
    )
    late.start()
    assert main(["wait", str(folder), "home", "--timeout", "20"]) == 0
    late.join()
    started[0].close()


def test_the_terminal_needs_a_bench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["terminal", str(tmp_path)]) == 1
    assert "start the bench first" in capsys.readouterr().err


def test_a_table_lines_up_with_wide_characters() -> None:
    text = show.table([{"name": "绿茶", "amount": 450}, {"name": "tea", "amount": None}])
    assert text.splitlines() == ["name  amount", "绿茶  450", "tea   -"]
    assert show.table([]) == "(nothing)"


def test_a_screens_frame_is_as_wide_as_the_screen() -> None:
    edges = [width(line) for line in show.screen("home", ["退款终端", ""], 20).split("\n")]
    assert edges == [22] * 4


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (["title", "a", "", "", "", "hint"], ["title", "a", "", "hint"]),
        (["title", "a", "", ""], ["title", "a"]),
        (["title", "", "b"], ["title", "", "b"]),
        (["", "a"], ["a"]),
        (["", ""], []),
    ],
)
def test_a_listed_screen_has_no_long_gaps(rows: list[str], kept: list[str]) -> None:
    assert show.without_gaps(rows) == kept


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0.00"), (5, "0.05"), (123456, "1234.56"), (-1, "-0.01")]
)
def test_money(amount: int, text: str) -> None:
    assert show.money(amount) == text


def test_an_unfinished_slip_hangs_open() -> None:
    whole = show.receipt({"text": "slip", "complete": True})
    torn = show.receipt({"text": "slip", "complete": False})
    assert whole.endswith("✂")
    assert torn.endswith("~")
