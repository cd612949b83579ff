"""Initial and coordinating advice, and the window of 6 to 12 months after move-out (Social Services Act § 109)."""
