"""Alerts: from the article that matched to the message that Telegram has taken."""
