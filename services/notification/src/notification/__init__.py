"""Tells the home municipality of a stay over its own feed, and keeps the acknowledgement as evidence."""
