"""When it went wrong: cases, from the first doubt to the closed record (R45)."""
