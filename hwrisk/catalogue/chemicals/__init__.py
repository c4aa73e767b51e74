"""Chemical substances (化学物质) and what three lists say of them, each under its own system."""
