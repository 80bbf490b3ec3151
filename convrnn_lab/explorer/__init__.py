"""What every explorer is made of: controls, the view behind them, live and as a page."""
