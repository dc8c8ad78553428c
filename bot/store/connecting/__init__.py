"""How statements get to the database and rows back: engines, the connections that stay, and the drivers beneath."""
