"""What is due now: which tasks are put in the queue by themselves, what does each kind, and the loop that does them."""
