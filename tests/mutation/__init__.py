"""Mutation testing: does a test turn red when a comparison, a number or a condition of the rules is changed?"""
