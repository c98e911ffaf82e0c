"""Facilities and departments: where a health system works."""
