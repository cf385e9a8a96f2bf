"""Right and wrong repairs of a certificate of the past."""

from __future__ import annotations

from labs.repairs.common import ADDRESS, REFERENCE
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.tls_repairs import (
    ITSELF,
    NEXT,
    serve_another_name,
    serve_one_that_signed_itself,
    sign_a_request_by_an_authority_between,
    sign_and_do_not_restart,
    stop_verifying,
)

ASKED = (
    f"node 2 asks for {REFERENCE} and gets: "
    f'Get "https://{ADDRESS}/v2/": tls: failed to verify certificate: x509: '
)

CASES = RepairCases(
    right=(sign_a_request_by_an_authority_between,),
    wrong=(
        WrongRepair(serve_one_that_signed_itself, ITSELF, NEXT),
        WrongRepair(
            sign_and_do_not_restart,
            f"{ASKED}certificate has expired or is not yet valid…",
            "/srv/certs/tls.crt is good; a registry reads its certificate when it starts",
        ),
        WrongRepair(
            serve_another_name,
            f"{ASKED}certificate is valid for node1, not registry.lab",
            "what is served is for node1, and not for registry.lab",
        ),
        WrongRepair(
            stop_verifying,
            f"node 2 takes any certificate from {ADDRESS}, wanted one that it verifies",
            "take the registry out of insecure-registries of node 2",
        ),
    ),
)
