"""People a client knows by their number: read from files, matched with those known, given out."""
