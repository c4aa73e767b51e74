"""Emergency materials (应急物资): kinds, depots, lots, dispatch."""
