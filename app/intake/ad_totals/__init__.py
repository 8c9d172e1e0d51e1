"""What ad platforms say was shown, clicked and spent, read from the files that they export."""
