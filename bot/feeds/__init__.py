"""Feeds: from the site's server to articles, of which nothing is known that stands behind the paywall."""
