"""A made-up border for demo and simulation: gates, people, declarations, and trucks that drive through.

It uses the same services, door and camera API as everybody; nothing here is used in production.
"""
