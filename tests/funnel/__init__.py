"""What happened: facts, the record computed from them, and the rules of counting."""
