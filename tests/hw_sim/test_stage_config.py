"""A stage writes the shop's configuration anew, whatever tables lie within its tables."""

from __future__ import annotations

import tomllib

from hw_sim.bench.terminal_config import toml
from hw_sim.proofs.crash.stage import flat

SHOP = """
[acquirer]
address = ["127.0.0.1:7000"]

[acquirer.tls]
pins = ["aa"]

[control]
socket = "control.sock"

[control.classes]
till = ["shop", "@tills"]

[policy.rules.daily]
enabled = false
"""


def test_tables_within_tables_come_back_as_they_were() -> None:
    tables = tomllib.loads(SHOP)
    assert tomllib.loads(toml(flat(tables))) == tables
