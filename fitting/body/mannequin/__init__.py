"""The open body: a person in SMPL's file format, built by code from published proportions.

``build`` puts the steps together; each other module is one step. Everything is in the body rest frame: metres,
x = body's left, y up, z = front, arms stretched sideways (T-pose). Shapes are written for x >= 0 and mirrored.
"""
