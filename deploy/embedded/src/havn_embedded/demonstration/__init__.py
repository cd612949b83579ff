"""A year at one shelter: invented people whose counts are those that Hellerup Krisecenter published for 2024.

``residents`` plans who lives there when, ``year`` turns the plan into calls to the platform, ``play`` makes the calls day by
day, ``counts`` counts what came of it, and ``report`` prints both.
"""
