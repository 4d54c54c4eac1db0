"""An acquirer with a ledger of its own, and faults on demand."""
