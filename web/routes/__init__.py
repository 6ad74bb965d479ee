"""The routes, one file a subject. docs/api.md lists them."""
