"""What comes by no plan: registers, and what comes round."""
