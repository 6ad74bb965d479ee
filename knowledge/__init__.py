"""Documents in, passages out: import, index, search, the decision to speak."""
