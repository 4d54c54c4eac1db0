"""Device drivers: they know cables and bytes, and nothing of refunds."""
