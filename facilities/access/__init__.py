"""Who comes in: by a password, or by what an identity provider says of them."""
