"""What lesson 5 repeats on its two nodes: run a registry on node 1, let node 2 pull, change whom it trusts."""

from __future__ import annotations

from collections.abc import Mapping

from docker.errors import APIError

from labs.lesson import Lab


class TwoMachines:
    """Node 1, which has the registry and its certificates, and node 2, which pulls.

    Args:
        lab: Of the lesson.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def run_registry(
        self,
        certificate: str | None = None,
        *,
        name: str = "registry",
        port: int = 5000,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run a registry on node 1 in the place of the one before; its images are in a folder of node 1.

        Args:
            certificate: `shelf` for the files shelf.crt and shelf.key in /srv/certs; without one it speaks plain HTTP.
            name: Of the container, and of its folder in /srv.
            port: Of node 1.
            environment: More settings.
        """
        self._lab.remove(name)
        settings = dict(environment or {})
        if certificate:
            settings["REGISTRY_HTTP_TLS_CERTIFICATE"] = f"/certs/{certificate}.crt"
            settings["REGISTRY_HTTP_TLS_KEY"] = f"/certs/{certificate}.key"
        self._lab.docker.containers.run(
            "registry:2",
            name=name,
            detach=True,
            ports={"5000/tcp": port},
            environment=settings,
            volumes=[f"/srv/{name}:/var/lib/registry", "/srv/certs:/certs:ro"],
        )
        self._lab.wait(port)

    def certs(self, command: str, folder: str = "/srv/certs") -> str:
        """Run a command line in a folder of node 1; return what it printed.

        Raises:
            AssertionError: It failed; the message has its own words.
        """
        done = self._lab.node(1).exec(
            ["sh", "-c", f"mkdir -p {folder} && cd {folder} && {command}"]
        )
        assert done.exit_code == 0, done.stderr
        return done.stdout

    def pull(self, reference: str = "registry.lab:5000/hello-world") -> None:
        """Let node 2 pull, and print what its engine says."""
        try:
            self._lab.node(2).docker.images.pull(reference, tag="latest")
            print("pulled", reference)
        except APIError as error:
            print(error.explanation)

    def trust(self, certificate: str, port: int = 5000) -> None:
        """Copy a certificate of node 1 to where node 2's engine looks for the authority of registry.lab."""
        content = self._lab.node(1).read_file(certificate)
        self._lab.node(2).write_file(f"/etc/docker/certs.d/registry.lab:{port}/ca.crt", content)

    def insecure(self, *names: str) -> None:
        """Write `insecure-registries` of node 2, send its engine SIGHUP, and wait until it knows."""
        self._lab.node(2).reload_engine({"insecure-registries": ["127.0.0.0/8", *names]})

    def issue(self, name: str, dates: str = "-days 90") -> None:
        """Make a key and a certificate for registry.lab that the lesson's intermediate signs.

        Args:
            name: Of the two files in /srv/certs: name.key and name.crt.
            dates: Options of `openssl req` that say from when to when it is valid.
        """
        new = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256"
        named = "-subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab"
        signer = "-CA /srv/ca/intermediate.crt -CAkey /srv/ca/intermediate.key"
        self.certs(
            f"{new} {dates} {named} {signer} -addext basicConstraints=critical,CA:FALSE "
            f"-keyout {name}.key -out {name}.crt"
        )

    def complete(self, name: str) -> None:
        """Write chain.crt, the certificate with the intermediate's behind it, and chain.key."""
        self.certs(
            f"cat {name}.crt /srv/ca/intermediate.crt > chain.crt && cp {name}.key chain.key"
        )
