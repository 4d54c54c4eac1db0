"""The process itself: threads, supervision, logs, health, devices' state, the clock it trusts."""
