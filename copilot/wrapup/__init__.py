"""The end of a call: everything the operator needs to approve its message with one key.

summary.py  the call in a few sentences, from the message's own fields; pure
actions.py  what was done during the call, from its log; pure
edits.py    how much of what was proposed was changed before it was approved; pure
"""
