"""Journal, people, host, printing and the other long-lived workers behind the flows."""
