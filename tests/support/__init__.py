"""What tests stand on: databases, a served application, a watched browser, the accessibility check."""
