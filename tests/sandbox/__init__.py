"""Tests of the local Xero, over real HTTP."""
