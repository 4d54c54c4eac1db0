"""Every section of ``terminal.toml``, wherever it is declared."""

from __future__ import annotations

from typing import Final

from pos_terminal import config, policy_options
from pos_terminal.option_section import Section

SECTIONS: Final[dict[str, type[Section]]] = {
    name: one
    for module in (config, policy_options)
    for name, one in vars(module).items()
    if isinstance(one, type) and issubclass(one, Section) and one is not Section
}
"""By name, with the whole of it (``Config``) and what is no table of its own."""
