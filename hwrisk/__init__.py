"""hwrisk: hazardous-waste and chemical-park risk management (危险废物与化工园区环境风险管理系统)."""

__version__ = "0.1.0"
