"""Parts of an import of people: looking at pictures, comparing with what is stored, writing."""
