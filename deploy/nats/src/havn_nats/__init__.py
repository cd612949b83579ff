"""The accounts of the NATS server, and who may use them."""
