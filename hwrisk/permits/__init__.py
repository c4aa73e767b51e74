"""Operating licences (危险废物经营许可证): validity, permitted codes, licensed capacity."""
