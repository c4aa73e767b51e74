"""Catalogue (名录): hazardous-waste codes by edition, treatment methods, stream tags."""
