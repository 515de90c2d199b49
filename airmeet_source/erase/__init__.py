"""Erase: people leave the warehouse and stay out, and a certificate says so."""
