"""Somebody else's scripts: the bench's verbs, sloppily used, and a host that prints on its own."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from stranger_counter import Counter, shell

BARS = [
    ("4006381333931", "EAN13"),
    ("123456789012", "UPC-A"),
    ("96385074", "EAN8"),
    ("1234567890", "ITF"),
    ("AB-12", "CODE39"),
]


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with Counter(tmp_path_factory.mktemp("shell") / "bench") as counter:
        yield counter


def screen(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shell("screen", folder, "--json"))
    return found


def test_a_host_of_others_prints_on_the_emulated_printer(counter: Counter, tmp_path: Path) -> None:
    from escpos.printer import Network

    host, port = counter.json("bench.json")["printer"]["tcp"].rsplit(":", 1)
    before = len(json.loads(shell("receipts", counter.folder, "--json")))
    printer = Network(host, int(port), timeout=5, profile="default")
    printer.text("Strangers & Sons\n")
    printer._raw(b"\x1c&" + "退货小票 ￥12.30\n".encode("gbk") + b"\x1c.")
    printer.set(align="center", double_height=True, double_width=True)
    printer.text("BIG\n")
    printer.set(align="left", normal_textsize=True)
    printer._raw(b"\x1c.")  # no Hanzi: the next lines are rules of code page 437
    printer.text("┌──┬──┐\n└──┴──┘\n")
    for code, name in BARS:
        printer.barcode(code, name, width=2, height=60, function_type="B")
    printer.barcode("{B" + "x" * 40, "CODE128", function_type="B")  # wider than the paper
    printer.qr("https://example.org/r/1", native=True)
    wide = Image.new("1", (384, 120), 1)
    wide.paste(0, (20, 20, 364, 100))
    for way in ("bitImageRaster", "graphics", "bitImageColumn"):
        printer.image(wide, impl=way, fragment_height=960)  # 5,760 bytes in one piece
    printer.cut()
    printer.close()

    (slip,) = cut_since(counter, before)
    for text in ("Strangers & Sons", "退货小票", "12.30", "BIG", "┌──┬──┐\n└──┴──┘\n"):
        assert text in slip["text"]
    assert "xxx" not in slip["text"]
    assert slip["text"].count("[picture 384 x 120]") == 2
    assert slip["text"].count("[picture 384 x 24]") == 5
    shell("receipts", counter.folder, "--png", str(tmp_path))
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) == before + 1
    with Image.open(pictures[-1]) as picture:
        read = [code.text for code in zxingcpp.read_barcodes(picture)]
        black = picture.convert("L").tobytes().count(38) / 4  # two pixels to a dot
    assert read == ["4006381333931", "0123456789012", "96385074", "1234567890", "AB-12",
                    "https://example.org/r/1"]  # fmt: skip
    assert black > 3 * 344 * 80, "each of the three pictures is there"


@pytest.mark.skipif(shutil.which("receiptio") is None, reason="npm install -g receiptio")
def test_receiptio_finds_the_printer_and_prints(counter: Counter) -> None:
    """It asks who the printer is, waits for its state, and takes GS r for the end (port 9100)."""
    host, port = counter.json("bench.json")["printer"]["tcp"].rsplit(":", 1)
    before = len(json.loads(shell("receipts", counter.folder, "--json")))
    slip = Path(__file__).parents[1] / "fixtures" / "receiptio" / "shop.receipt"
    with relayed(("127.0.0.9", 9100), (host, int(port))):
        command = ["receiptio", "-d", "127.0.0.9", "-c", "32", "-l", "zh-hans", str(slip)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout + done.stderr == "success\n"
    (printed,) = cut_since(counter, before)
    assert "[EAN13 4006381333931]" in printed["text"]
    assert "[picture 384 x 110]" in printed["text"]


def cut_since(counter: Counter, before: int) -> list[dict[str, Any]]:
    """The slips after so many, once one of them is cut."""

    def found() -> list[dict[str, Any]]:
        return list(json.loads(shell("receipts", counter.folder, "--json")))[before:]

    counter.until(lambda: any(one["complete"] for one in found()), "the cut")
    return found()


@contextlib.contextmanager
def relayed(at: tuple[str, int], to: tuple[str, int]) -> Iterator[None]:
    """One connection at ``at`` goes to ``to``."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        try:
            guest, _ = server.accept()
        except TimeoutError:
            return  # the test says what it missed
        with guest, socket.create_connection(to) as line:
            back = threading.Thread(target=pump, args=(line, guest))
            back.start()
            pump(guest, line)
            back.join()

    with socket.create_server(at) as server:
        server.settimeout(60)
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def test_a_refund_by_the_shell_with_keys_of_two_prompts_in_one_call(counter: Counter) -> None:
    folder = counter.folder
    counter.start()
    assert shell("wait", folder, "home").strip() == "home"
    assert shell("wait", folder, "home").strip() == "home"  # it is there already
    sale = counter.hands.sample("visa-older")
    shell("press", folder, sale["trace"], "enter")  # six digits, zeros in front
    shell("wait", folder, "sale")
    shell("press", folder, "enter")
    shell("wait", folder, "refund.amount")
    # amount and reason belong to two prompts: what is typed ahead is taken
    shell("press", folder, "7", "5", "enter", "1")
    shell("wait", folder, "supervisor.number")
    supervisor = counter.hands.person("supervisor")
    shell("press", folder, supervisor["number"], "enter")
    shell("wait", folder, "supervisor.pin")  # a PIN approves what is on the screen, no sooner
    shell("press", folder, supervisor["pin"], "enter")
    # the customer is quicker than the screen
    shell("card", folder, "tap", "visa")
    before = len(json.loads(shell("receipts", folder, "--json")))
    assert shell("wait", folder, "result").strip() == "result"
    receipts = json.loads(shell("receipts", folder, "--json"))
    assert len(receipts) >= before
    assert [one["complete"] for one in receipts[-2:]] == [True, True]
    assert "退货成功" in screen(folder)["rows"][0]
    shell("press", folder, "enter")
    shell("wait", folder, "home")


def test_the_screen_can_be_asked_while_the_acquirer_thinks(counter: Counter) -> None:
    folder = counter.folder
    counter.home()
    shell("acquirer", folder, "mode", "delay:4", "--count", "1")
    sale = counter.hands.sample("mastercard-older")
    counter.to_card(sale["receipt_no"], "60")
    shell("card", folder, "tap", "mastercard")
    assert shell("wait", folder, "host.wait").strip() == "host.wait"
    shown = screen(folder)
    assert shown["prompt"] == "host.wait"
    assert any("不能取消" in row for row in shown["rows"])
    shell("press", folder, "cancel")  # sealed: too late
    shell("wait", folder, "result")
    assert counter.last()["state"] == "accepted"
    shell("card", folder, "remove")


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("wait", ("no.such.prompt", "--timeout", "0.1")),
        ("press", ("F13",)),
        ("card", ("tap", "nobody")),
        ("card", ("insert", "phone")),
        ("printer", ("explode",)),
        ("acquirer", ("mode", "nonsense")),
        ("unplug", ("kettle",)),
    ],
)
def test_what_can_not_be_done_is_said_in_a_line(
    counter: Counter, verb: str, words: tuple[str, ...]
) -> None:
    counter.home()
    status = 1 if verb == "wait" else 2
    said = shell(verb, counter.folder, *words, status=status)
    assert said.strip()
    assert "Traceback" not in said
