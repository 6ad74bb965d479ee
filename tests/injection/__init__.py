"""Two hundred texts that try to make the software, a model or a browser do something."""
