"""The enterprise file (一企一档): everything known of one unit, warnings first."""
