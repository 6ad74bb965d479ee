"""Situations: what clients' rules name, and how callers describe it."""
