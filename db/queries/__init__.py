"""Questions about the project as a whole; each is answered by an index, so the cost follows the answer."""
