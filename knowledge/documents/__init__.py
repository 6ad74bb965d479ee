"""Documents as client companies really have them, read into entries in a process of their own."""
