"""Estimators that combine maskers or watch over them."""
