"""List of key regulated units (重点监管单位清单): proposal by rule, county confirmation, city publication."""
