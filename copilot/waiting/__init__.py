"""What callers meet before an operator speaks: hours, welcome, waiting line, who is rung.

hours      when a client is answered for       welcome   how its callers are received
policy     who is rung for whom, now           presence  whether an operator can be rung
"""
