"""Right and wrong repairs of a certificate without a SAN."""

from tests.repairs.tls_repairs import repairs_of_a_served_certificate

CASES = repairs_of_a_served_certificate(
    "certificate relies on legacy Common Name field, use SANs instead"
)
