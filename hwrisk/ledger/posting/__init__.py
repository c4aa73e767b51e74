"""Posting: the one way records enter the ledger, from forms, files and the demonstration alike."""

from hwrisk.ledger.posting.engine import Foreseen, PostingRefused, check_many, post, post_many

__all__ = ["Foreseen", "PostingRefused", "check_many", "post", "post_many"]
