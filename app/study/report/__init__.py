"""The report of a study: one document of words, tables and plots, written as HTML and as PDF, and the rows of its CSV.

It knows neither clock nor disk: the same results and facts give the same bytes.
"""
