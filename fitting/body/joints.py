"""The 49 joints: which entries of the 54-entry model array they are (eft_method.md 3.1-3.2)."""

from __future__ import annotations

from resources.skeleton import get_skeleton


def model_joint_indices() -> list[int]:
    """For each joint of spin49 its index in the model array (24 kinematic, 21 landmarks, 9 extra joints)."""
    return list(get_skeleton("spin49").model_joints)
