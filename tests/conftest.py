"""For every test."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes is the machine's affair; what must be quick is measured by itself.
settings.register_profile("souffleur", deadline=None)
settings.load_profile("souffleur")
