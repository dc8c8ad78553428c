"""What the demo and the tests run against in place of the outside world; nothing of the engine knows it."""
