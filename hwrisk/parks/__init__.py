"""Chemical industry parks (化工园区): the register, with conflicting published figures side by side."""
