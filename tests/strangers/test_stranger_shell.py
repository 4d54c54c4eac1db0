"""Somebody else's scripts: the bench's verbs, sloppily used, and a host that prints on its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from stranger_counter import Counter, shell


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
    printer.barcode("4006381333931", "EAN13", function_type="B")
    printer.qr("https://example.org/r/1", native=True)
    printer.cut()
    printer.close()

    def found() -> list[dict[str, Any]]:
        return list(json.loads(shell("receipts", counter.folder, "--json")))[before:]

    counter.until(lambda: any(one["complete"] for one in found()), "the cut")
    (slip,) = found()
    for text in ("Strangers & Sons", "退货小票", "12.30", "BIG", "4006381333931"):
        assert text in slip["text"]
    shell("receipts", counter.folder, "--png", str(tmp_path))
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) == before + 1
    with Image.open(pictures[-1]) as picture:
        assert picture.width >= 384  # the dots of 58 mm
        assert min(picture.convert("L").tobytes()) < 128  # something is black


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
    shell("press", folder, "7", "5", "enter")
    shell("wait", folder, "refund.reason")
    supervisor = counter.hands.person("supervisor")
    shell("press", folder, "1")
    shell("wait", folder, "supervisor.number")
    # number and PIN belong to two prompts: what is typed ahead is taken
    shell("press", folder, supervisor["number"], "enter", supervisor["pin"], "enter")
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
