"""Stop words: what is in articles whatever they are about."""

_STOP_WORDS = """
a about after again all also an and any are as at be because been before but by can could did do does for from had has
have he her here him his how i if in into is it its just me more most my no not now of off on one only or our out over
she so some than that the their them then there these they this those to too up us was we were what when where which
who why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that are in most articles. Those of other languages show by being in most articles."""
