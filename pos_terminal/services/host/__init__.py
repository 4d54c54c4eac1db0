"""The line to the acquirer: connection, sign-on, and one exchange at a time."""
