"""What is true and what may happen: facts, states and decisions, standard library alone.

The modules of this folder are the shared kernel; each folder beneath it is one business context.
"""
