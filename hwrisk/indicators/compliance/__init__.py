"""规范化管理考核达标率, the compliance rate of the assessment: its values, the units behind them, and its reports."""
