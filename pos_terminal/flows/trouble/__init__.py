"""Unknown outcomes and cases."""
