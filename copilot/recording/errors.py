"""Why a recording cannot be as wanted."""

from __future__ import annotations


class RecordingError(Exception):
    """What a client's setting, or the law, leaves unrecorded.

    ├── BadRecordingError    a policy that cannot be
    ├── NotRecordedError     the client does not have this call recorded
    ├── NotAnnouncedError    its caller did not hear what must be heard before it is
    ├── RecordingOverError   its recording has ended
    └── RecordingOpenError   it is still going on: nobody listens to it yet
    """

    code = "recording"


class BadRecordingError(RecordingError):
    """A policy that cannot be; the message says why and what would mend it."""

    code = "bad_recording"


class NotRecordedError(RecordingError):
    """The client's setting leaves this call unrecorded."""

    code = "not_recorded"


class NotAnnouncedError(RecordingError):
    """The caller did not hear the announcement that recording requires."""

    code = "not_announced"


class RecordingOverError(RecordingError):
    """Nothing more is recorded of this call."""

    code = "recording_over"


class RecordingOpenError(RecordingError):
    """The call is still being recorded."""

    code = "recording_open"
