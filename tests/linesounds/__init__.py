"""What is on a telephone line when nobody speaks to it, synthesised. 8 kHz, 16 bits, mono."""
