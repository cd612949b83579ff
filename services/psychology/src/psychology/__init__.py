"""Psychological treatment of the woman and of each child: offered, given, counted in minutes, never over its ceiling."""
