"""One repository a table: readers for ``store.read()``, writers for ``store.change()``."""
