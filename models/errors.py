"""What can go wrong with a model, as one family.

ModelError
├── ModelMissing        a model's files are not there (names the folder and the mend)
├── ModelDamaged        a model's files are there but are not what they should be
├── ModelUnreachable    the hub that has the model cannot be reached
└── RecognitionFailed   a decoding raised, hung or returned garbage
"""

from __future__ import annotations


class ModelError(Exception):
    """Base of every error raised by this package; `code` is stable."""

    code = "model_error"


class ModelMissing(ModelError):
    """The files of a model are not there."""

    code = "model_missing"


class ModelDamaged(ModelError):
    """The files of a model are not what they should be."""

    code = "model_damaged"


class ModelUnreachable(ModelError):
    """The hub that has the model cannot be reached."""

    code = "model_unreachable"


class RecognitionFailed(ModelError):
    """A decoding raised, hung or returned garbage."""

    code = "recognition_failed"
