"""Signing in: the OAuth flows, the stored tokens, and the organisations they give access to."""
