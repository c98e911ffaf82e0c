"""What happens in supply, a module for each story: `stock` and `stock_holds`."""
