"""One question to the terminal that runs on this machine, by its control socket."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any, Final

from pos_terminal.control.classes import LINE_LIMIT
from pos_terminal.core.words import Failure

MEGABYTE: Final = 1024 * 1024


def ask_terminal(path: Path, request: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Its answer, a JSON object on one line. OSError where nobody is there or answers in time;
    ValueError where that is no answer; Failure ``feed.too_large`` for a request that no terminal
    takes."""
    text = json.dumps(request, ensure_ascii=False)
    line_out = text.encode("utf-8", "surrogatepass") + b"\n"  # as json.loads takes it
    if len(line_out) > LINE_LIMIT:
        size = -(-len(line_out) // MEGABYTE)
        limit = LINE_LIMIT // MEGABYTE
        raise Failure("feed.too_large", file=request.get("source", ""), size=size, limit=limit)
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(seconds)
        line.connect(str(path))
        line.sendall(line_out)
        with line.makefile("rb") as answers:
            answer = json.loads(answers.readline())
    if not isinstance(answer, dict):
        raise ValueError("not a JSON object")
    return answer
