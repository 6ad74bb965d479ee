"""Wrappers around machine-learning models: voice activity, recognition, embeddings, entities."""
