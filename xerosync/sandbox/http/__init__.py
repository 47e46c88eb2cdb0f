"""HTTP: what arrives on loopback, which limits and faults it meets, and who answers it."""
