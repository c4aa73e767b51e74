"""Disposal-capacity balance (处置能力平衡): generation against licensed capacity, gap and surplus."""
