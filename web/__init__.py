"""Every door of the house: JSON API and command line; bootstrap.py builds the object graph."""
