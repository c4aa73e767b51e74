"""Documents on paper: the dispatch order, and the contact list of the depots."""
