"""Desktop program and commands; everything people see."""
