"""People that never lived: poses, appearance and pictures of the mannequin with known truth."""
