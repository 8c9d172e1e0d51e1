"""Long work: tasks in a table, who holds them, how far they have come; knows none of the handlers that do them."""
