"""Killing a process that approves, sends and acknowledges, and looking for what was lost.

    python -m tests.delivery.kills --kills 1000

    driver     runs an SMTP server and an HTTP server that fail in scripted ways, kills, judges
    zygote     has everything imported; forks a victim when told to
    victim     approves messages, delivers them, moves escalations on, acknowledges; is killed
               (SIGKILL) after a random time, or kills itself between sent and marked

The victim's clock runs 600 times faster, so that ladders of ten minutes and digests of an hour
happen within the seconds between two kills.
"""
