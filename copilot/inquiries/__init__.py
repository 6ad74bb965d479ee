"""What people write to clients: taken in, drafted like a call, handled and answered by an operator.

    letter ──> mailroom ─┐                         ┌─> preparing: suggestions, draft
                         ├─> intake ──> store ─────┤
    web form ─> route ───┘   (durable, then said)  └─> operator ──> approval ──> replies

letter      bytes of an e-mail to what matters of it        automatic   what nobody wrote
text        HTML to text, quotations taken away             acknowledging   answers to messages
"""
