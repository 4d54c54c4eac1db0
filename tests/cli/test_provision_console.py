"""Who types at ``provision`` is told what would be taken in place of what was refused."""

from __future__ import annotations

import sys

import pytest

from pos_terminal.cli.provision_console import TtyConsole
from pos_terminal.core.words import Failure, say
from pos_terminal.services.security.components import parse_component
from pos_terminal.texts import Language


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> TtyConsole:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    return TtyConsole(Language.ZH_CN)


def test_a_component_that_is_none_is_told_with_the_digits_it_has(
    console: TtyConsole, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Failure) as refused:
        parse_component("0123456789")
    console.tell(refused.value.words)
    text, advice = capsys.readouterr().err.splitlines()
    assert text == "密钥分量格式错误"
    assert "hexadecimal digits; 10 were given" in advice


def test_what_is_no_fault_is_told_once(
    console: TtyConsole, capsys: pytest.CaptureFixture[str]
) -> None:
    console.tell(say("provision.hand_over"))
    assert capsys.readouterr().err.splitlines() == ["请第2位密钥保管人输入"]
