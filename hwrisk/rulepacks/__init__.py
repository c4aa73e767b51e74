"""Rule packs and law (规则包与法规依据): limits, targets and citations as data with source, dates and test cases."""
