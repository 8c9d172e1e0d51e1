"""How applications reach us: connectors, pulling, and what goes wrong with both."""
