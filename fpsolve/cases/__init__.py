"""Case files: their schema, how they are read, and what they are built into."""
