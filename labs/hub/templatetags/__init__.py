"""What templates can use beside Django's own filters."""
