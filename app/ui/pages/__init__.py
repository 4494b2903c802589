"""What fills the window: one module a page, and the larger parts of pages."""
