"""People, PINs, tokens, sealed card data and keys."""
