"""Topics: what readers ask to follow, and which articles are about it."""
