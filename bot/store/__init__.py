"""The store: the one place that speaks SQL. Every function takes and returns types of ``bot.model``; times are in UTC.

Each function takes a connection in a transaction, which ``Database.read`` or ``Database.write`` gives.
"""
