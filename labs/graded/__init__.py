"""What runs inside the container of a graded submission: the lesson and its playground, by way of the grader."""
