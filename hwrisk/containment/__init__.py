"""Three-tier water-pollution defence of parks (三级防控): facilities, connections, volumes."""
