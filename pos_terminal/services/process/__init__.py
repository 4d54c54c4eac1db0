"""The process itself: threads, supervision, logs, health."""
