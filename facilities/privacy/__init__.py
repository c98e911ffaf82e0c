"""Personal data under lock: each person's key, what wraps it, and its end.

A person's fields are sealed with that person's key (`sealing`), which is kept outside of the event
tables (`keyring`), wrapped by a master key (`masters`).
"""
