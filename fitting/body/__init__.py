"""The parametric body: file, kinematics, joints, mesh."""
