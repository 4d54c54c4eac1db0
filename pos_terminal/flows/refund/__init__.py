"""One refund, from the amount to the result."""
