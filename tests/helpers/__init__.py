"""Builders and stories in the words of the product."""
