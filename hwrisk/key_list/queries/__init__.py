"""Reads of the key list: facts and figures, versions, their lines, differences; list, count and export ask here."""
