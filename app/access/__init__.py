"""Who may see and do what: organisations, the people who sign in, and the tokens by which machines come in."""
