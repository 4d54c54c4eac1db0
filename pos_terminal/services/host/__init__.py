"""The acquirer: connection, sign-on, exchange, authorisation and what is still open."""
