"""Right and wrong repairs of a certificate of the past."""

from tests.repairs.tls_repairs import repairs_of_a_served_certificate

CASES = repairs_of_a_served_certificate("certificate has expired or is not yet valid…")
