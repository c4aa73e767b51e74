"""Units (单位): production sites, with dated status, regions, class and park."""
