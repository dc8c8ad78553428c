"""Tests, and what they share; a package, lest one of that name that a dependency brings stands in its way."""
