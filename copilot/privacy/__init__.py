"""What must not be kept, what is kept how long, and whose right it is to see or erase it."""
