"""Approved messages on their way out: letters, channels, the worker that keeps trying."""
