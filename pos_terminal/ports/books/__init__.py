"""What flows need of the ledger, one concept a file: its records, its questions, its writes."""
