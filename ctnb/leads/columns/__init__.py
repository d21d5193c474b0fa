"""Columns of cells, texts and lists, and the problems found in them."""
