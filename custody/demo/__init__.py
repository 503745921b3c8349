"""The demonstration: the whole road on this machine, with a workload, and the proof that nothing was lost."""
