"""The people who work in a health system's facilities."""
