"""What a language model may write of a call: the reason, a summary, a reply. Nothing else.

    grounds.py   what was said, in the forms that can be compared; pure
    orders.py    what somebody dictates to the software, taken out; pure
    faithful.py  whether a text says only that; pure
    quantities.py numbers by what they count; pure
    vocabulary.py words that need not have been said, and words that must have been; pure
    language.py  which language a text is in; pure
    writing.py   what a model is asked about a call, and which of its texts hold; pure
    secretary.py has them written when a call ends, or when asked
    wordings.py  asks it for other ways callers may put a client's question

The built-in draft is complete without a model. What is written here is proposed to the operator,
and is nothing until they take it (docs/languagemodel.md).
"""
