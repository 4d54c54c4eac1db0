"""``pos-terminal export-case``: a case as one page (R76)."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from worlds.releases import TODAY, Release

from pos_terminal.cli.code128_svg import code128_svg
from pos_terminal.cli.main import run_command
from pos_terminal.core.payout import PayoutKind


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with a row of each kind."""
    folder = tmp_path_factory.mktemp("shop") / "data"
    Release(TODAY, folder)
    return folder / "terminal.toml"


class Reader(HTMLParser):
    """Its text, and each tag with what it may load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "onclick")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def every(config: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, object]]]:
    assert run_command(["ledger", "--config", str(config), "--json"]) == 0
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_each_case_of_a_ledger_can_be_exported(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """With each kind of case, step and slip; nothing that is loaded, no script, no voucher."""
    told = every(shop, capsys)
    numbers = re.compile(r"\b8\d{12}\b")
    for case in told["cases"]:
        out = tmp_path / f"{case['number']}.html"
        words = ["export-case", str(case["number"]), "--out", str(out), "--config", str(shop)]
        assert run_command([*words, "--language", language]) == 0
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        page = Reader()
        page.feed(out.read_text(encoding="utf-8"))
        assert page.loads == []
        assert not page.tags & {"script", "link", "img", "iframe", "form"}
        text = " ".join(page.text)
        assert numbers.findall(text) == [], "with a voucher's number somebody could pay"
        steps = case["steps"]
        assert isinstance(steps, list)
        for step in steps:
            assert step["text"] in text
            assert all(one["reference"] in text for one in step["evidence"])
        for paid in told["payouts"]:
            assert paid["case_id"] != case["number"] or _named(paid, language) in text
    assert {one["kind"] for one in told["payouts"]} == set(PayoutKind)
    capsys.readouterr()


def _named(paid: dict[str, object], language: str) -> str:
    """Of a payout: the label of its facts and its number."""
    return f"{'补付' if language == 'zh_CN' else 'Payout'} #{paid['payout_id']}"


def test_what_a_page_has(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Facts, steps, decisions, the message masked, slips with their codes, the log's head."""
    told = every(shop, capsys)
    papers = {one["case_id"] for one in told["case_papers"] if one["kind"] == "correction"}
    out = tmp_path / "case.html"
    words = [str(papers.pop()), "--out", str(out), "--config", str(shop), "--language", "en"]
    assert run_command(["export-case", *words]) == 0
    page = out.read_text(encoding="utf-8")
    told_of = "The message to the acquirer, masked"
    for name in ("Facts", "Steps", "Slips", "Audit log", "The refund, and what decided", told_of):
        assert f"<h2>{name}</h2>" in page
    message = page.split(f"<h2>{told_of}</h2>")[1].partition("</section>")[0]
    assert "<th>MTI</th><td>0220</td>" in message
    sent = dict(re.findall(r"<th>(\d+)</th><td>([^<]*)</td>", message))
    assert not sent.keys() & {"14", "35", "45", "52", "55"}, "expiry, tracks, PIN block, chip"
    masked = set(re.findall(r"(\d{6})\*+(\d{4})", page))
    assert masked
    assert not [one for one in masked if re.search(rf"{one[0]}\d{{2,9}}{one[1]}", page)]
    assert "Correction form #" in page
    assert "CORRECTION FORM" in page
    assert re.search(r"<title>7\d{12}</title>", page), "the code of a paper, as SVG"
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert re.search(r"<td>[0-9a-f]{64}</td>", page)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_closed_case_says_by_whom_from_what_and_who_bears_it(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """Of each cause; an open case has no such part."""
    title = "结案" if language == "zh_CN" else "Closing"
    causes = {
        "typing": ("输入错误", "Typing"),
        "wrong_goods": ("商品弄错", "Wrong goods"),
        "system": ("系统", "System"),
        "unauthorised": ("越权操作", "Not authorised"),
        "training": ("培训不足", "Training"),
        "acquirer": ("收单机构", "Acquirer"),
    }
    found = set()
    for case in every(shop, capsys)["cases"]:
        out = tmp_path / f"{case['number']}.html"
        words = ["export-case", str(case["number"]), "--out", str(out), "--config", str(shop)]
        assert run_command([*words, "--language", language]) == 0
        page = out.read_text(encoding="utf-8")
        if case["state"] == "open":
            assert f"<h2>{title}</h2>" not in page
        elif case["cause"]:  # by people
            part = page.split(f"<h2>{title}</h2>")[1].partition("</section>")[0]
            assert "BANK-7" in part, "the reference"
            assert re.search(r"102, 20\d", part), "who closed it, and who agreed"
            cause = str(case["cause"])
            assert causes[cause][language == "en"] in part
            found.add(cause)
            loss = case["loss"]
            assert isinstance(loss, dict)
            for amount in loss.values():
                assert not amount or f"{amount / 100:.2f}" in part
    assert found == set(causes)
    capsys.readouterr()


def test_what_can_not_be(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown case, a file that is there, a folder that is not."""
    there = tmp_path / "there.html"
    there.write_text("kept", encoding="utf-8")
    config = ["--config", str(shop)]
    assert run_command(["export-case", "9999999", "--out", str(tmp_path / "a"), *config]) == 1
    assert "9999999" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
    assert run_command(["export-case", "1", "--out", str(there), *config]) == 1
    assert there.read_text(encoding="utf-8") == "kept"
    assert run_command(["export-case", "1", "--out", str(tmp_path / "no" / "a"), *config]) == 1


def read(svg: str) -> list[str]:
    """What a scanner sees of its bars, drawn as a browser does; by a decoder that is not ours."""
    wide, high = (int(one) for one in re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    picture = Image.new("L", (wide, high), 255)
    draw = ImageDraw.Draw(picture)
    for left, width in re.findall(r"M(\d+) 0h(\d+)v", svg):
        draw.rectangle((int(left), 0, int(left) + int(width) - 1, high - 1), fill=0)
    found = zxingcpp.read_barcodes(picture)
    assert {one.format for one in found} <= {zxingcpp.BarcodeFormat.Code128}
    return [one.text for one in found]


@pytest.mark.parametrize("digits", ["7120700000012", "9120700000074", "1120700000005", "00", "9"])
def test_a_scanner_reads_the_digits_of_a_code(digits: str) -> None:
    """An even number of digits and an odd one: CODE128 packs them in pairs."""
    assert read(code128_svg(digits)) == [digits]


def test_a_scanner_reads_each_code_of_each_page(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Drawn with its blank edges, and named by what it says."""
    kinds = set()
    for case in every(shop, capsys)["cases"]:
        out = tmp_path / f"{case['number']}.html"
        words = ["export-case", str(case["number"]), "--out", str(out), "--config", str(shop)]
        assert run_command(words) == 0
        for svg in re.findall("<svg.*?</svg>", out.read_text(encoding="utf-8")):
            (named,) = re.findall("<title>(.*?)</title>", svg)
            assert read(svg) == [named]
            first = re.findall(r"M(\d+) ", svg)[0]
            assert int(first) == 20, "ten modules of two pixels stay blank"
            kinds.add(named[0])
    assert kinds >= {"7", "9"}, "papers, and cases"
    capsys.readouterr()


def test_the_page_names_what_a_receiver_asks_the_ledger_for(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As docs/mistakes.md says: the newest entry's number, and in the ledger the same hash."""
    out = tmp_path / "case.html"
    case = str(every(shop, capsys)["cases"][0]["number"])
    words = ["export-case", case, "--out", str(out), "--config", str(shop), "--language", "en"]
    assert run_command(words) == 0
    capsys.readouterr()
    page = out.read_text(encoding="utf-8")
    (number,) = re.findall(r"<th>Newest entry</th><td>(\d+)</td>", page)
    (named,) = re.findall(r"<th>Its hash</th><td>([0-9a-f]{64})</td>", page)
    with closing(
        sqlite3.connect(f"file:{shop.parent / 'data' / 'ledger.db'}?mode=ro", uri=True)
    ) as db:
        found = db.execute("SELECT hash FROM audit WHERE seq = ?", (number,)).fetchone()
        newest = db.execute("SELECT max(seq) FROM audit").fetchone()
    assert (named,) == found
    assert (int(number),) == newest
