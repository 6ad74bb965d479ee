"""What the store refuses, and why.

StoreError
 +-- NotFoundError         no such thing, or it is another client's: the two look the same
 +-- ConflictError         the thing exists already, or is in a state that does not allow this
 +-- BadNumberError        a telephone number that cannot be one
 +-- UnkeepableError       a value that the database cannot hold
 +-- UnavailableError      the database does not answer
      +-- DiskFullError   it has no room left
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of the store's refusals. `code` is stable."""

    code = "store"


class NotFoundError(StoreError):
    code = "not_found"


class ConflictError(StoreError):
    code = "conflict"


class BadNumberError(StoreError):
    code = "bad_number"


class UnavailableError(StoreError):
    code = "store_unavailable"


class DiskFullError(UnavailableError):
    """The disk has no room left: nothing was written."""

    code = "disk_full"


class UnkeepableError(StoreError):
    """A value that the database cannot hold: a zero character, a number out of all bounds."""

    code = "unkeepable"
