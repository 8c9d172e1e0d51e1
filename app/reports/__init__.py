"""The answers: what was intended, joined with what happened, measured and put into words."""
