"""What goes step by step: what is stated, who takes which step by when, and what follows."""
