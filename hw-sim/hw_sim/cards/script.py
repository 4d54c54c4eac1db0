"""A card that follows a script: it matches to the byte, and the whole of it must be used.

Lines of a script::

    # a remark
    atr 3B6800000073C84000009000
    > 00A404000E315041592E5359532E444446303100
    < 6A82
    > ..
    ! pull          or: ! mute, in place of an answer

``> ..`` takes any command. What does not fit is a SimulatorFault, which is kept until somebody
asks: no terminal is ever told that its card was bad when the script was.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hw_sim.cards.emulated import Mute, Pulled, SimulatorFault


@dataclass(frozen=True, slots=True)
class Step:
    command: bytes | None
    """None takes any."""
    answer: bytes
    fault: type[Exception] | None = None


class ScriptedCard:
    """An emulated card with an exact script; ``finish`` says whether it was all used."""

    def __init__(self, name: str, atr: bytes, steps: tuple[Step, ...]) -> None:
        self.name = name
        self._atr = atr
        self._steps = steps
        self._at = 0
        self.fault: SimulatorFault | None = None

    def activate(self) -> bytes:
        return self._atr

    def answer(self, apdu: bytes) -> bytes:
        if self._at >= len(self._steps):
            raise self._failed(f"{self.name}: command {self._at + 1} comes after the script's end")
        step = self._steps[self._at]
        self._at += 1
        if step.command is not None and step.command != apdu:
            raise self._failed(
                f"{self.name}: command {self._at} is {_head(apdu)}, "
                f"not {_head(step.command)} as the script has it"
            )
        if step.fault is not None:
            raise step.fault
        return step.answer

    def _failed(self, text: str) -> SimulatorFault:
        self.fault = SimulatorFault(text)
        return self.fault

    @property
    def used(self) -> int:
        """How many steps were taken."""
        return self._at

    def finish(self) -> None:
        """Raises SimulatorFault where a command did not fit, or the script was not used up."""
        if self.fault is not None:
            raise self.fault
        if self._at < len(self._steps):
            raise SimulatorFault(
                f"{self.name}: {len(self._steps) - self._at} steps of the script were not used"
            )


def _head(apdu: bytes) -> str:
    """A command's header and length; data may be long, and is in the script."""
    return f"{apdu[:5].hex().upper()} ({len(apdu)} bytes)"


def parse(text: str, name: str = "script") -> ScriptedCard:
    """A scripted card from its text. Raises SimulatorFault, naming the line."""
    atr = b""
    steps: list[Step] = []
    command: list[bytes | None] = []
    for number, line in enumerate(text.splitlines(), 1):
        mark, _, rest = line.partition("#")[0].strip().partition(" ")
        try:
            match mark:
                case "":
                    continue
                case "atr":
                    atr = bytes.fromhex(rest)
                case ">" if not command:
                    command.append(None if rest.strip() == ".." else bytes.fromhex(rest))
                case "<" if command:
                    steps.append(Step(command.pop(), bytes.fromhex(rest)))
                case "!" if command:
                    fault = {"pull": Pulled, "mute": Mute}[rest.strip()]
                    steps.append(Step(command.pop(), b"", fault))
                case _:
                    raise ValueError(f"{mark!r} has no place here")
        except (ValueError, KeyError) as error:
            raise SimulatorFault(f"{name}, line {number}: {error}") from None
    if command:
        raise SimulatorFault(f"{name}: the last command has no answer")
    return ScriptedCard(name, atr, tuple(steps))


def load(path: Path) -> ScriptedCard:
    """The scripted card in ``path``."""
    return parse(path.read_text("utf-8"), path.name)
