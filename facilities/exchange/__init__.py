"""The mailroom: files that come in and go out."""
