"""Check of 8.2: a service whose page is a config of the swarm, and comes from nowhere else."""

from __future__ import annotations

from typing import Any

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import image_of, missing_nodes, service_of, task_containers, too_few
from labs.playground import Playground, service_spec
from labs.registry import Reference

SERVICE, IMAGE = "notice", "library/nginx"
PAGE = "/usr/share/nginx/html/index.html"
_GIVEN = ("registry.crt", "edge-")  # the lesson's own config, and those of edges


def page_from_config(playground: Playground, _answers: Answers) -> Finding:
    """One task of `notice` runs nginx, and its page is a config."""
    if missing := missing_nodes(playground):
        return missing
    raw = service_of(playground, SERVICE)
    if raw is None:
        return _no_service(playground)
    return (
        _other_image(raw)
        or _other_page(raw)
        or too_few(playground, raw, 1)
        or _other_text(playground)
        or passed()
    )


def _no_service(playground: Playground) -> Finding:
    api: Any = playground.swarm.reach().docker.api
    names = sorted(str(each["Spec"]["Name"]) for each in api.configs())
    if own := [name for name in names if not name.startswith(_GIVEN)]:
        return not_yet(
            f"there is a config {own[0]}, and no service called {SERVICE}",
            hint=f'docker.services.create("nginx", name="{SERVICE}", configs=[…])',
        )
    return not_attempted(f"run a service called {SERVICE}, whose page is a config")


def _other_image(raw: service_spec.Raw) -> Finding | None:
    image = image_of(raw).partition("@")[0]
    if Reference.parse(image).repository == IMAGE:
        return None
    return not_yet(
        f"{SERVICE} runs {image}, wanted nginx", hint="its page is where nginx looks for it"
    )


def _other_page(raw: service_spec.Raw) -> Finding | None:
    """Whether the page is something else than a config."""
    content = raw["Spec"]["TaskTemplate"]["ContainerSpec"]
    configs, secrets = content.get("Configs") or [], content.get("Secrets") or []
    over = [
        each["Target"] for each in content.get("Mounts") or [] if PAGE.startswith(each["Target"])
    ]
    if over:
        return not_yet(
            f"{over[0]} of {SERVICE} is a mount, wanted its page from a config",
            hint="a folder is on one node, and a task may start on any",
        )
    if any(_path(each) == PAGE for each in configs):
        return None
    if at := [each for each in secrets if _name(each) == PAGE]:
        return not_yet(
            f"the page of {SERVICE} is the secret {at[0]['SecretName']}, wanted a config",
            hint="everyone may see a page: docker.configs.create, and ConfigReference in configs=[…]",
        )
    if configs:
        return not_yet(
            f"the config {configs[0]['ConfigName']} is at {_path(configs[0])} in the task, wanted {PAGE}",
            hint="ConfigReference(id, name, path): the third says where",
        )
    return not_yet(
        f"{SERVICE} uses no config",
        hint="configs=[ConfigReference(id, name, path)] of services.create",
    )


def _name(reference: service_spec.Raw) -> str:
    return str((reference.get("File") or {}).get("Name", ""))


def _path(config: service_spec.Raw) -> str:
    """Where a task sees a config: a name without a slash before it is in the root."""
    return f"/{_name(config).removeprefix('/')}"


def _other_text(playground: Playground) -> Finding | None:
    """Whether the page has no text: that of a config may be empty."""
    (task,) = task_containers(playground.nodes, SERVICE)
    done: Any = task.exec_run(["wc", "-c", PAGE])
    # A machine under load sometimes loses what a command printed: then the config's place is enough.
    if done.output.split()[:1] == [b"0"]:
        return not_yet(f"the page of {SERVICE} is empty", hint='data=b"…" of docker.configs.create')
    return None
