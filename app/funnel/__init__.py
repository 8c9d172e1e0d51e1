"""What happened: facts, the record computed from them, and the record as columns."""
