"""What formats share: boxes, checks, pictures, whole files, and readers of JSON, MATLAB, npz and pickles."""
