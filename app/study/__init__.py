"""The preference study, pure: design, plan, votes, statistics, report. Knows no store, no renderer and no window.

A *study* asks raters, blind, which of two fits of one person is better. Its *design* says what is asked of whom; its
*plan* gives every *seat* (the place of one rater) its trials, in order and with sides; raters' *votes* come back with
seat and position, and meet the plan only here (docs/adr/0014).
"""
