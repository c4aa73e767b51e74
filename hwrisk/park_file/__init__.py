"""The park file (园区档案): everything known of one park."""
