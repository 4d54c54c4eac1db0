"""One question to the terminal that runs on this machine, by its control socket."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any


def ask_terminal(path: Path, request: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Its answer, a JSON object on one line. OSError where nobody is there or answers in time;
    ValueError where that is no answer."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(seconds)
        line.connect(str(path))
        text = json.dumps(request, ensure_ascii=False)
        line.sendall(text.encode("utf-8", "surrogatepass") + b"\n")  # as json.loads takes it
        with line.makefile("rb") as answers:
            answer = json.loads(answers.readline())
    if not isinstance(answer, dict):
        raise ValueError("not a JSON object")
    return answer
