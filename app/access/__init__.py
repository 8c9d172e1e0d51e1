"""Who may see and do what: organisations, and the tokens by which machines come in."""
