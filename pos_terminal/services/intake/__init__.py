"""Files and inbox into the ledger."""
