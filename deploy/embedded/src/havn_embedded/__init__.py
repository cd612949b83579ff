"""All of Havn on one machine."""
