"""The web server: what the outside may call."""
