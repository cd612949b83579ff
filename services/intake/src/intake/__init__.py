"""Intake: what the shelter reports about inquiries, stays, move-outs and complaints, and the vault that holds identities."""
