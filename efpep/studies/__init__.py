"""Study files: one engine that answers many questions, and the types of studies that ask them."""
