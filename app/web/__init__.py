"""The door: what speaks HTTP."""
