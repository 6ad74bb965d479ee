"""Two fictional clients, their accounts and a recorded call, to see Souffleur at work."""
