"""What is known of materials; pages, look-up, exports, map and to-do counts ask here."""
