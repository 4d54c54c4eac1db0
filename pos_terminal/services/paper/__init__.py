"""The queue between the ledger's print jobs and the printer."""
