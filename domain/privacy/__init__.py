"""The privacy office: what must be kept, and who is forgotten."""
