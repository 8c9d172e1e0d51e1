"""What we intend: personas, claims, campaigns, assets, channels, placements, jobs, tracking codes."""
