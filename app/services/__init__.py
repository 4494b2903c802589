"""Use-cases without Qt, called by the window and by the commands alike."""
