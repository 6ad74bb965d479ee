"""Figures of calls for people: reports of a period, and what a client is invoiced for a month."""
