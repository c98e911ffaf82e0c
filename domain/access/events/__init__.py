"""What happens about access, a module for each story: `account`, `grant`."""
