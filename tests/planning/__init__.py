"""The rules of the plan."""
