"""Finding the original sale."""
