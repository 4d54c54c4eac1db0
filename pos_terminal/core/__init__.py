"""Pure domain: money, cards, sales, refunds and the rules. No I/O, no asyncio, no clock."""
