"""HTTP: one call to Xero, within its rate limits, repeated only where that is safe."""
