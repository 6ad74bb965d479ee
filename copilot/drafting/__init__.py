"""The message's fields, filled while two people talk."""
