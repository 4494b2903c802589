"""Synthetic photographs by the thousand: people of the mannequin with exact truth, for training and for testing."""
