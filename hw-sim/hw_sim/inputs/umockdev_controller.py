"""The process that holds the umockdev testbed, driven by JSON lines on its standard input.

``{"do": "plug", "name": NAME}``, ``unplug``, or ``type`` with ``records`` in hex; each is answered
by one line: ``{"error": null}``, or ``unplugged``, ``unread`` (nobody has it open), ``full``.
Its first line names the testbed: ``{"root": PATH}``. It ends with its input, so that it never
outlives the bench.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from hw_sim.inputs.umockdev_testbed import Testbed
from hw_sim.inputs.wiring import MODELS


def main() -> None:
    testbed = Testbed()
    try:
        _say({"root": str(testbed.root)})
        for line in sys.stdin:
            _say({"error": _do(testbed, json.loads(line))})
    finally:
        testbed.close()


def _do(testbed: Testbed, order: dict[str, Any]) -> str | None:
    name: str = order["name"]
    match order["do"]:
        case "plug":
            testbed.plug(MODELS[name])
        case "unplug":
            testbed.unplug(name)
        case "type":
            return testbed.write(name, bytes.fromhex(order["records"]))
        case other:
            raise ValueError(other)
    return None


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
