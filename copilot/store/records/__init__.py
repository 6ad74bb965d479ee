"""What the store gives back: plain frozen values. Rows never leave the data layer.

Every moment is an aware datetime in UTC. Identifiers are opaque strings.
"""
