"""Files that people bring: what each is by its bytes, what is taken out of it, and where it is kept on disk."""
