"""Approved messages on their way out: durable outbox and channels."""
