"""Parts of the `souffleur` command that act on a whole installation."""
