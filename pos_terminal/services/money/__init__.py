"""An intent from its seal to its outcome."""
