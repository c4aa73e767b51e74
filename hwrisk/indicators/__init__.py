"""Room: indicators of assessment (考核指标); one mechanism, and a folder for what is each indicator's own."""
