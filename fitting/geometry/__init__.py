"""Rotations, cameras and boxes."""
