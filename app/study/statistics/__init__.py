"""The statistics of a study: libraries compute, these modules arrange, and say in a sentence what cannot be computed.

Each takes a :class:`app.study.votes.VoteTable` and gives values of :mod:`app.study.results`.
"""
