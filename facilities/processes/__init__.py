"""The processes: what facts set going by themselves, a module each. `web.bootstrap` lists them."""
