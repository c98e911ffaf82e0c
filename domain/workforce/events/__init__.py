"""What happens in workforce, a module for each story: `staff`."""
