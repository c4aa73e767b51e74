"""PDF ledgers: the fast table writer, and the documents that WeasyPrint sets in a child process."""
