"""What certification freezes: rows as canonical JSON, and back into the types that pages and cards read."""
