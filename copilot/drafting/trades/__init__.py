"""Written callers of many trades: which of a client's urgency rules is a sentence a case of."""
