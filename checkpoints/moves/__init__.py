"""The moves: small plain functions by subject; `table` lists them all."""
