"""`souffleur eval` and `souffleur bench`: users measure Souffleur on their own data."""
