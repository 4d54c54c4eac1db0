"""Pure translation between bytes and frozen values: TLV, APDU, ISO 8583, receipts, codes."""
