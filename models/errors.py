"""What can go wrong with a model, as one family.

ModelError
├── ModelMissingError      a model's files are not there (names the folder and the mend)
├── ModelDamagedError      a model's files are there but are not what they should be
├── ModelUnreachableError  the hub that has the model cannot be reached
└── RecognitionFailedError a decoding raised, hung or returned garbage
"""

from __future__ import annotations


class ModelError(Exception):
    """Base of every error raised by this package; `code` is stable."""

    code = "model_error"


class ModelMissingError(ModelError):
    """The files of a model are not there."""

    code = "model_missing"


class ModelDamagedError(ModelError):
    """The files of a model are not what they should be."""

    code = "model_damaged"


class ModelUnreachableError(ModelError):
    """The hub that has the model cannot be reached."""

    code = "model_unreachable"


class RecognitionFailedError(ModelError):
    """A decoding raised, hung or returned garbage."""

    code = "recognition_failed"
