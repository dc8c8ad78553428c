"""The doctor: looks at all that the bot rests on, and says of each thing how it is and what to do about it."""
