"""What a reader says, one module per intent. No SQL and no rules here: the engine has them."""
