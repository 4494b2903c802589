"""Networks that predict a body, and their cards."""
