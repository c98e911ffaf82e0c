"""The whole domain is declared: facts and decisions are known once their modules are imported.

A test of all of them imports this, so that it finds all of them in whatever order tests run.
"""

import importlib
import pkgutil

import domain

for each in pkgutil.walk_packages(domain.__path__, "domain."):
    importlib.import_module(each.name)
