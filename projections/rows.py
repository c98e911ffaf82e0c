"""Rows, made quickly: a fold makes one for each event, and reading them back one for each row."""

from domain.replacing import maker, replace

__all__ = ["maker", "replace"]
