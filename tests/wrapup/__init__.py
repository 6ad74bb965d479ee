"""The end of a call."""
