"""What a slip is called on the screen: by the title that it has on paper, and whose copy it is."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.ports import PrintJob
from pos_terminal.texts import Language, render


def slip_name(job: PrintJob, language: Language) -> str:
    copy, body = job.slip.head.copy, job.slip.body
    title = render(say(f"receipt.{body.title(copy)}"), language)
    return f"{title} {render(say(f'flows.slip_{body.holder(copy)}'), language)}"
