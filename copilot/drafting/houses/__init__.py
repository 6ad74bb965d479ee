"""Which company a caller speaks for, read by a sequence model."""
