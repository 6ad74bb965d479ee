"""Clients' own CRMs: who calls is looked up there, and what was approved is noted there.

One interface, two ways: HubSpot's public API, and the client's own system behind its webhook.
"""
