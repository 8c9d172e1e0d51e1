"""The door: everything that comes and goes by HTTP, and nothing that could be said without it."""
