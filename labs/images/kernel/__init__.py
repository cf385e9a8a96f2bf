"""What runs beside a student's kernel in its container; the grader uses the relay's framing at the other end."""
