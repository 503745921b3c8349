"""Linking of files: records, labels and mappings in; a model, clusters, figures and reasons out. `rules.match` decides."""
