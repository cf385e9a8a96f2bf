"""What a repository is built from, by API: its source, build rules, and links to the bases of its image."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404

from labs.hub.api.api_rights import account_for, row_of
from labs.hub.api.api_session import ApiRequest
from labs.hub.api.json_body import FLAG, NUMBER, TEXT, body, field
from labs.hub.api.operation import Operations
from labs.hub.api.row_record import RowRecord
from labs.hub.automation import build_rules, links, sources
from labs.hub.models import BuildRule, Level, Repository

operations = Operations("Automated builds", own=True, level=Level.ADMIN)
_ONE = "/v2/namespaces/{namespace}/repositories/{repository}"
_SOURCE = RowRecord(
    "Source",
    git_repository=(TEXT, "name"),
    clone_url=(TEXT, lambda source: f"https://{settings.HOSTS[0]}/git/{source}.git"),
)
# The words of Docker Hub's pages, where they are not those of the table.
_COLUMNS = {"source_type": "kind", "build_context": "context"}
_RULE = RowRecord(
    "BuildRule",
    id=NUMBER,
    source_type=(TEXT, _COLUMNS["source_type"]),
    source=TEXT,
    tag=TEXT,
    dockerfile=TEXT,
    build_context=(TEXT, _COLUMNS["build_context"]),
    autobuild=FLAG,
    caching=FLAG,
)
_LINK = RowRecord("RepositoryLink", id=NUMBER, repository=(TEXT, "base"))


@operations.add("GET", f"{_ONE}/source", answer=_SOURCE)
def get_source(request: ApiRequest, repository: Repository) -> Any:
    """Show the git repository that a repository is built from: for administrators."""
    source = sources.source_of(repository)
    if source is None:
        raise Http404(f"{repository} has no source: PUT one")
    return source


@operations.add(
    "PUT",
    f"{_ONE}/source",
    answer=_SOURCE,
    wrong={409: "the git repository makes another repository"},
    body=body(
        git_repository=field("its name in the same namespace, without .git", "site", maxLength=100)
    ),
)
def link_source(request: ApiRequest, repository: Repository) -> Any:
    """Build a repository from a git repository of the hub, made if it is not there: for administrators.

    Push to `clone_url` with the name and password, or an access token, of an account that may push to the repository.
    """
    name = request.body["git_repository"]
    return sources.link_source(repository, name, by=account_for(request))


@operations.add("DELETE", f"{_ONE}/source", status=204)
def unlink_source(request: ApiRequest, repository: Repository) -> None:
    """Build from the git repository no more; what was pushed to it stays: for administrators."""
    if not sources.unlink_source(repository):
        raise Http404(f"{repository} has no source")


@operations.add("GET", f"{_ONE}/build-rules", answer=_RULE, paged=True)
def list_rules(request: ApiRequest, repository: Repository) -> Any:
    """List the build rules, in the order in which they were made: for administrators."""
    return repository.rules.all()


@operations.add(
    "POST",
    f"{_ONE}/build-rules",
    status=201,
    answer=_RULE,
    body=body(
        source_type=field("what is pushed", "tag", enum=BuildRule.Kind.values),
        source=field(
            "a name, or a regular expression between slashes", "/^v([0-9.]+)$/", maxLength=200
        ),
        tag=field(
            r"the image's tag; {\1} is the first group of the expression", r"{\1}", maxLength=200
        ),
        dockerfile=field(
            "path of the Dockerfile; Dockerfile if not given", "Dockerfile", maxLength=200
        ),
        build_context=field(
            "folder that is sent to the engine; / if not given", "/", maxLength=200
        ),
        autobuild=field("whether a push starts it; true if not given", True, kind=FLAG),
        caching=field("whether the engine's cache is used; true if not given", True, kind=FLAG),
        optional=("dockerfile", "build_context", "autobuild", "caching"),
    ),
)
def create_rule(request: ApiRequest, repository: Repository) -> Any:
    """Add a build rule: which branch or tag of the source makes which tag of the image: for administrators."""
    values = {_COLUMNS.get(name, name): value for name, value in request.body.items()}
    return build_rules.add(repository, **values)


@operations.add("DELETE", f"{_ONE}/build-rules/{{id}}", status=204)
def delete_rule(request: ApiRequest, repository: Repository, id: str) -> None:
    """Delete a build rule: for administrators."""
    row_of(repository.rules, id, "build rule").delete()


@operations.add("GET", f"{_ONE}/links", answer=_LINK, paged=True)
def list_links(request: ApiRequest, repository: Repository) -> Any:
    """List the repositories on whose images this one is built: for administrators."""
    return repository.links.select_related("base__namespace").order_by("id")


@operations.add(
    "POST",
    f"{_ONE}/links",
    status=201,
    answer=_LINK,
    wrong={409: "a circle, which would build for ever; the message names its repositories"},
    body=body(repository=field("the repository of the base", "acme/base", maxLength=231)),
)
def create_link(request: ApiRequest, repository: Repository) -> Any:
    """Build this repository again whenever another one gets a new image: for administrators.

    Its builds may pull that one too, if it is private.
    """
    base = request.body["repository"]
    return links.link_named(repository, base, by=request.caller.account)


@operations.add("DELETE", f"{_ONE}/links/{{id}}", status=204)
def delete_link(request: ApiRequest, repository: Repository, id: str) -> None:
    """Delete a link: for administrators."""
    row_of(repository.links, id, "link").delete()
