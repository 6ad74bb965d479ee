"""Refusals about texts that a model would write."""

from __future__ import annotations


class WritingTextsError(Exception):
    """Base of this package's errors."""

    code = "writing_texts"


class NoModelError(WritingTextsError):
    """No language model is set."""

    code = "no_language_model"
