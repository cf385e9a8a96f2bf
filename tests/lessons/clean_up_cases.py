"""Right, blank and wrong answers to lesson 11."""

from __future__ import annotations

from typing import Any

import httpx
from docker.models.containers import Container

from labs.lesson import transfer
from labs.lessons.clean_up import leaked_shop, old_builds
from labs.lessons.common import blob_file
from labs.lessons.common.by_hand import HandMade, image, noise, push
from labs.playground import Playground
from labs.registry import STORAGE, digest_of
from labs.waiting import wait_until
from tests.lessons.actions import nothing, pull, run, wait
from tests.lessons.actions import push as push_course_image
from tests.lessons.cases import Blank, Right, Table, Wrong, choose

CONFIG = "/etc/docker/registry/config.yml"
READ_ONLY = {"REGISTRY_STORAGE_MAINTENANCE": '{"readonly": {"enabled": true}}'}
WRITABLE = {"REGISTRY_STORAGE_DELETE_ENABLED": "true"}
VOLUME = {"registry-data": {"bind": "/var/lib/registry", "mode": "rw"}}
FOLDER = "/var/lib/docker/volumes/registry-data/_data"
BOX = "127.0.0.1:5000/team/box"


def serve(playground: Playground, environment: Any = None, volumes: Any = None) -> Container:
    """Run the registry again, on the lesson's volume."""
    remove(playground)
    container = run(
        playground,
        "registry",
        ports={"5000/tcp": 5000},
        volumes=VOLUME if volumes is None else volumes,
        environment=WRITABLE if environment is None else environment,
    )
    wait(playground, 5000)
    return container


def remove(playground: Playground) -> None:
    for container in playground.node(1).docker.containers.list(all=True):
        if container.name == "registry":
            container.remove(force=True)


def collect(playground: Playground, *options: str) -> None:
    registry = playground.node(1).docker.containers.get("registry")
    registry.exec_run(["registry", "garbage-collect", *options, CONFIG])


def collect_beside_the_stopped(playground: Playground) -> None:
    docker = playground.node(1).docker
    docker.containers.get("registry").stop(timeout=2)
    docker.containers.run("registry:2", ["garbage-collect", CONFIG], volumes=VOLUME, remove=True)
    docker.containers.get("registry").start()
    wait(playground, 5000)


def client(playground: Playground) -> httpx.Client:
    return httpx.Client(base_url=playground.node(1).url(5000), trust_env=False)


def delete(playground: Playground, repository: str, *documents: HandMade) -> None:
    with client(playground) as http:
        for document in documents:
            http.delete(f"/v2/{repository}/manifests/{document.digest}").raise_for_status()


# 11.2


ONE, TWO = image(noise("base"), noise("app 1")), image(noise("base"), noise("app 2"))


def pushed(playground: Playground) -> None:
    serve(playground)
    with client(playground) as http:
        for tag, document in [("1", ONE), ("stable", ONE), ("2", TWO)]:
            push(http, "team/app", tag, document)


def deleted(playground: Playground) -> None:
    pushed(playground)
    delete(playground, "team/app", ONE)


def collected(playground: Playground) -> None:
    deleted(playground)
    collect(playground)


def collected_by_a_container_of_its_own(playground: Playground) -> None:
    deleted(playground)
    collect_beside_the_stopped(playground)


def dry_run(playground: Playground) -> None:
    deleted(playground)
    collect(playground, "--dry-run")


def volume_removed(playground: Playground) -> None:
    deleted(playground)
    remove(playground)
    playground.node(1).docker.volumes.get("registry-data").remove()
    serve(playground)


def layers_removed_by_hand(playground: Playground) -> None:
    deleted(playground)
    for document in (ONE, TWO):
        file = blob_file(f"{FOLDER}/docker/registry/v2", digest_of(document.blobs[-1]))
        playground.node(1).exec(["rm", file])
    serve(playground)


def layer_removed_by_hand(playground: Playground) -> None:
    deleted(playground)
    file = blob_file(f"{FOLDER}/docker/registry/v2", digest_of(ONE.blobs[-1]))
    playground.node(1).exec(["rm", file])


def stopped_to_collect(playground: Playground) -> None:
    collected(playground)
    playground.node(1).docker.containers.get("registry").stop(timeout=2)


# 11.4


def box_pushed_and_collected(playground: Playground) -> None:
    serve(playground)
    break_box(playground)


def break_box(playground: Playground) -> None:
    push_course_image(playground, "busybox", f"{BOX}:1")
    docker = playground.node(1).docker
    delete_box(playground)
    collect(playground)
    transfer.push(docker, f"{BOX}:1")


def delete_box(playground: Playground) -> None:
    """By the digest that the engine knows: a registry that was collected says 404 of the tag."""
    named = playground.node(1).docker.images.get(f"{BOX}:1").attrs["RepoDigests"]
    digest = next(each.partition("@")[2] for each in named if each.startswith(BOX))
    with client(playground) as http:
        http.delete(f"/v2/team/box/manifests/{digest}").raise_for_status()


def box_pushed_again(playground: Playground) -> None:
    box_pushed_and_collected(playground)
    transfer.push(playground.node(1).docker, f"{BOX}:1")


def box_restarted_and_pushed(playground: Playground) -> None:
    box_only_restarted(playground)
    transfer.push(playground.node(1).docker, f"{BOX}:1")


def box_in_a_new_container(playground: Playground) -> None:
    box_pushed_and_collected(playground)
    serve(playground)
    transfer.push(playground.node(1).docker, f"{BOX}:1")


def box_only_restarted(playground: Playground) -> None:
    box_pushed_and_collected(playground)
    playground.node(1).docker.containers.get("registry").restart(timeout=2)
    wait(playground, 5000)


def box_of_another_image(playground: Playground) -> None:
    box_only_restarted(playground)
    with client(playground) as http:
        push(http, "team/box", "1", image(noise("box", 0.1)))


def box_under_another_tag(playground: Playground) -> None:
    box_pushed_and_collected(playground)
    remove(playground)
    playground.node(1).docker.volumes.get("registry-data").remove()
    serve(playground)
    push_course_image(playground, "busybox", f"{BOX}:2")


def box_collected_once_more(playground: Playground) -> None:
    box_pushed_and_collected(playground)
    collect(playground)


def box_deleted_and_pushed_once_more(playground: Playground) -> None:
    box_pushed_and_collected(playground)
    delete_box(playground)
    transfer.push(playground.node(1).docker, f"{BOX}:1")


def box_broken_twice(playground: Playground) -> None:
    """The lesson's cell, run again in the same registry: no one has tried anything."""
    box_pushed_and_collected(playground)
    break_box(playground)


def box_of_a_registry_on_no_volume(playground: Playground) -> None:
    box_pushed_and_collected(playground)
    serve(playground, volumes={})


def box_of_a_registry_that_is_gone(playground: Playground) -> None:
    box_pushed_and_collected(playground)
    remove(playground)


def box_without_its_tag(playground: Playground) -> None:
    box_restarted_and_pushed(playground)
    delete_box(playground)


# 11.5


def read_only(playground: Playground) -> None:
    pushed(playground)
    serve(playground, READ_ONLY)


def read_only_by_a_variable_below(playground: Playground) -> None:
    pushed(playground)
    serve(playground, {"REGISTRY_STORAGE_MAINTENANCE_READONLY": '{"enabled": true}'})


def read_only_by_a_config_file(playground: Playground) -> None:
    pushed(playground)
    text = """version: 0.1
storage:
  filesystem: {rootdirectory: /var/lib/registry}
  maintenance: {readonly: {enabled: true}}
http: {addr: ':5000'}
"""
    playground.node(1).write_file("/srv/registry.yml", text)
    file = {"/srv/registry.yml": {"bind": CONFIG, "mode": "ro"}}
    serve(playground, {}, {**VOLUME, **file})


def panicked(playground: Playground) -> None:
    pushed(playground)
    remove(playground)
    container = run(
        playground,
        "registry",
        ports={"5000/tcp": 5000},
        volumes=VOLUME,
        environment={"REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED": "true"},
    )
    container.wait(timeout=30)


def read_only_and_empty(playground: Playground) -> None:
    pushed(playground)
    serve(playground, READ_ONLY, {})


def a_variable_that_nothing_reads(playground: Playground) -> None:
    pushed(playground)
    serve(playground, {"REGISTRY_READONLY": "true"})


def a_config_file_without_the_setting(playground: Playground) -> None:
    pushed(playground)
    text = f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {STORAGE}}}}}\nhttp: {{addr: ':5000'}}\n"
    playground.node(1).write_file("/srv/registry.yml", text)
    serve(playground, {}, {**VOLUME, "/srv/registry.yml": {"bind": CONFIG, "mode": "ro"}})


def mounted_read_only(playground: Playground) -> None:
    pushed(playground)
    serve(playground, {}, {"registry-data": {"bind": "/var/lib/registry", "mode": "ro"}})


def writable_and_empty(playground: Playground) -> None:
    pushed(playground)
    serve(playground, {}, {})


# 11.6


def leaked(playground: Playground) -> None:
    serve(playground)
    with client(playground) as http:
        leaked_shop.fill(http)


def delete_leaked(playground: Playground) -> None:
    leaked(playground)
    for repository, document in leaked_shop.LEAKED:
        delete(playground, repository, document)


def purged(playground: Playground) -> None:
    delete_leaked(playground)
    collect(playground)
    serve(playground)


def purged_while_stopped(playground: Playground) -> None:
    delete_leaked(playground)
    collect_beside_the_stopped(playground)


def purged_and_the_worker_built_again(playground: Playground) -> None:
    purged(playground)
    with client(playground) as http:
        push(http, leaked_shop.WORKER, "1", leaked_shop.KEPT[leaked_shop.API, "2"])


def purged_by_pushing_the_rest_to_a_new_volume(playground: Playground) -> None:
    remove(playground)
    playground.node(1).docker.volumes.create("registry-data").remove()
    serve(playground)
    with client(playground) as http:
        for (repository, tag), document in leaked_shop.KEPT.items():
            push(http, repository, tag, document)


def purged_by_leaving_the_old_volume(playground: Playground) -> None:
    leaked(playground)
    serve(playground, volumes={"other-data": {"bind": STORAGE, "mode": "rw"}})
    with client(playground) as http:
        for (repository, tag), document in leaked_shop.KEPT.items():
            push(http, repository, tag, document)


def purged_of_what_has_a_tag(playground: Playground) -> None:
    leaked(playground)
    delete(playground, *leaked_shop.LEAKED[1])
    collect(playground)
    serve(playground)


def purged_of_one_repository(playground: Playground) -> None:
    leaked(playground)
    delete(playground, *leaked_shop.LEAKED[0])
    collect(playground)
    serve(playground)


def purged_and_not_collected(playground: Playground) -> None:
    delete_leaked(playground)


def purged_and_not_restarted(playground: Playground) -> None:
    delete_leaked(playground)
    collect(playground)


def purged_with_untagged(playground: Playground) -> None:
    leaked(playground)
    delete(playground, *leaked_shop.LEAKED[1])
    collect(playground, "-m")
    serve(playground)


def repository_removed_from_the_disk(playground: Playground) -> None:
    leaked(playground)
    delete(playground, *leaked_shop.LEAKED[0])
    folder = f"{FOLDER}/docker/registry/v2/repositories/{leaked_shop.WORKER}"
    playground.node(1).exec(["rm", "-r", folder])
    collect(playground)
    serve(playground)


def layer_removed_from_the_disk(playground: Playground) -> None:
    """The layer is gone, and the configs and manifests of both images are not."""
    leaked(playground)
    playground.node(1).exec(
        ["rm", blob_file(f"{FOLDER}/docker/registry/v2", leaked_shop.LEAKED_LAYER)]
    )
    delete(playground, *leaked_shop.LEAKED[1])
    serve(playground)


def leaked_and_only_collected(playground: Playground) -> None:
    leaked(playground)
    collect(playground, "--dry-run")
    collect(playground)


def leaked_and_only_a_dry_run(playground: Playground) -> None:
    leaked(playground)
    collect(playground, "--dry-run")


def leaked_and_deleted_by_tag(playground: Playground) -> None:
    leaked(playground)
    with client(playground) as http:
        http.delete(f"/v2/{leaked_shop.WORKER}/manifests/1")


def leaked_and_its_blob_deleted(playground: Playground) -> None:
    leaked(playground)
    with client(playground) as http:
        http.delete(f"/v2/{leaked_shop.WORKER}/blobs/{leaked_shop.LEAKED_LAYER}")


def leaked_and_its_file_removed(playground: Playground) -> None:
    leaked(playground)
    file = blob_file(f"{FOLDER}/docker/registry/v2", leaked_shop.LEAKED_LAYER)
    playground.node(1).exec(["rm", file])


# 11.7


def old(playground: Playground) -> None:
    serve(playground)
    with client(playground) as http:
        old_builds.fill(http)


def delete_tags(playground: Playground, *tags: str) -> None:
    documents = {old_builds.EVERYTHING[tag].digest: old_builds.EVERYTHING[tag] for tag in tags}
    delete(playground, old_builds.REPOSITORY, *documents.values())


def retained(playground: Playground) -> None:
    old(playground)
    delete_tags(playground, *old_builds.OLD)


def retained_by_deleting_all_and_pushing_the_rest(playground: Playground) -> None:
    old(playground)
    delete_tags(playground, *old_builds.EVERYTHING)
    with client(playground) as http:
        for tag in old_builds.KEPT:
            push(http, old_builds.REPOSITORY, tag, old_builds.EVERYTHING[tag])


def retained_by_name(playground: Playground) -> None:
    old(playground)
    delete_tags(playground, "build-7", "build-9", "hotfix-2")


def retained_without_stable(playground: Playground) -> None:
    retained(playground)
    delete_tags(playground, "build-8")


def retained_with_old_signatures(playground: Playground) -> None:
    old(playground)
    delete_tags(playground, "build-12", "build-7", "build-9")


def retained_without_signatures(playground: Playground) -> None:
    retained(playground)
    delete_tags(playground, *(tag for tag in old_builds.KEPT if tag.endswith(".sig")))


def retained_without_untagged(playground: Playground) -> None:
    retained(playground)
    delete(playground, old_builds.REPOSITORY, *old_builds.EVERYTHING["build-11"].parts)


def retained_by_two_tags_as_two_images(playground: Playground) -> None:
    retained(playground)
    delete_tags(playground, "build-10")


def retained_too_many(playground: Playground) -> None:
    old(playground)
    delete_tags(playground, "build-12")


def retained_by_tags(playground: Playground) -> None:
    old(playground)
    with client(playground) as http:
        for tag in old_builds.OLD:
            http.delete(f"/v2/{old_builds.REPOSITORY}/manifests/{tag}")


def retained_in_a_registry_that_may_not(playground: Playground) -> None:
    old(playground)
    serve(playground, {})
    document = old_builds.EVERYTHING["build-12"]
    with client(playground) as http:
        http.delete(f"/v2/{old_builds.REPOSITORY}/manifests/{document.digest}")


# 11.8


RUN = "docker run -d --name registry -p 5000:5000 -v registry-data:/var/lib/registry"
RUN_WRITABLE = f"{RUN} -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2"
RUN_READ_ONLY = f"""docker rm -f registry
{RUN} -e REGISTRY_STORAGE_MAINTENANCE='{{"readonly": {{"enabled": true}}}}' registry:2
"""
COLLECT = f"docker exec registry registry garbage-collect {CONFIG}\n"
RUN_AGAIN = f"docker rm -f registry\n{RUN_WRITABLE}\n"
BESIDE = f"docker run --rm -v registry-data:/var/lib/registry registry:2 garbage-collect {CONFIG}\n"
EVERY = "while sleep 8; do chroot /host sh /srv/clean-up.sh; done"
HOST = {"/": {"bind": "/host", "mode": "rw"}}


def job(playground: Playground, script: str, loop: str = EVERY, **more: Any) -> Container:
    """A registry, and a container that runs a script in the node again and again."""
    serve(playground)
    pull(playground, "busybox")
    playground.node(1).write_file("/srv/clean-up.sh", script)
    command = ["sh", "-c", loop]
    return run(playground, "cleaner", "busybox", command=command, volumes=HOST, **more)


def no_job(playground: Playground) -> None:
    serve(playground)


def job_with_a_read_only_registry(playground: Playground) -> None:
    job(playground, RUN_READ_ONLY + COLLECT + RUN_AGAIN)


def job_with_a_stopped_registry(playground: Playground) -> None:
    job(playground, f"docker stop -t 2 registry\n{BESIDE}docker start registry\n")


def job_by_crond(playground: Playground) -> None:
    table = "echo '* * * * * chroot /host sh /srv/clean-up.sh' >/tmp/root"
    loop = f"mkdir -p /var/spool/cron/crontabs; {table}; crontab /tmp/root; crond -f"
    job(playground, RUN_READ_ONLY + COLLECT + RUN_AGAIN, loop)


def job_that_has_ended(playground: Playground) -> None:
    script = RUN_READ_ONLY + COLLECT + RUN_AGAIN
    job(playground, script, "chroot /host sh /srv/clean-up.sh").wait(timeout=60)


def job_that_removed_itself(playground: Playground) -> None:
    job(playground, "false", "exit 3", remove=True)
    docker = playground.node(1).docker
    wait_until(lambda: len(docker.containers.list(all=True)) == 1, "the job to end")


def job_without_a_container(playground: Playground) -> None:
    serve(playground)
    playground.node(1).write_file("/srv/clean-up.sh", RUN_READ_ONLY + COLLECT + RUN_AGAIN)


def job_that_never_comes(playground: Playground) -> None:
    job(playground, RUN_READ_ONLY + COLLECT + RUN_AGAIN, "sleep 3600")


def job_while_pushes_go_on(playground: Playground) -> None:
    job(playground, COLLECT)


def job_that_restarts_afterwards(playground: Playground) -> None:
    job(playground, COLLECT + "docker restart -t 2 registry\n")


def job_that_pauses(playground: Playground) -> None:
    job(playground, f"docker pause registry\n{BESIDE}docker unpause registry\n")


def job_with_untagged(playground: Playground) -> None:
    collect_all = COLLECT.replace("garbage-collect", "garbage-collect -m")
    job(playground, RUN_READ_ONLY + collect_all + RUN_AGAIN)


def job_that_stays_read_only(playground: Playground) -> None:
    job(playground, RUN_READ_ONLY + COLLECT)


def job_on_a_new_volume(playground: Playground) -> None:
    again = RUN_AGAIN.replace("registry-data", "other-data")
    job(playground, RUN_READ_ONLY + COLLECT + again)


NO_REGISTRY = "run a registry that answers on port 5000"
AGAIN = "run the lesson's cells again, from the first one"
FROM_CACHE = "the registry answers from its cache: a new start of it empties that"
FRESH = f"{FROM_CACHE}. Push after it"
ONCE_MORE = "team/box:1 was deleted or collected once more, and still cannot be pulled"
RUN_AGAIN_ON_IT = 'serve(REGISTRY_STORAGE_DELETE_ENABLED="true") runs it on the lesson\'s volume'
BY_DIGEST = "the digest of a manifest, in the repository that has it: lab.registry.head(…).digest"

CASES: Table = {
    "11.1": [
        Right(nothing, "Both tags stood for that manifest, and it is deleted.", give=choose("b")),
        Blank(nothing, "choose a, b or c", give=choose(None)),
        Wrong(
            nothing,
            "A tag is a link to a digest. The manifest behind both links is deleted.",
            "",
            give=choose("a"),
        ),
        Wrong(
            nothing,
            "The tags stay on the disk as links, and a link to a manifest that is gone is not a tag any more.",
            "",
            give=choose("c"),
        ),
    ],
    "11.2": [
        Right(collected),
        Right(collected_by_a_container_of_its_own),
        Blank(nothing, NO_REGISTRY),
        Blank(pushed, "run the cell that deletes team/app:1 by its digest first"),
        Blank(
            dry_run,
            "collect the garbage: the layer of the deleted image is still on the disk (team/app:1)",
        ),
        Wrong(volume_removed, 'team/app has tags [], wanted ["2"]', AGAIN),
        Wrong(
            layers_removed_by_hand,
            "team/app:2 is not whole: its layer answers 404 BLOB_UNKNOWN",
            f"garbage is what no manifest names, and this one does; {AGAIN}",
        ),
        Wrong(
            layer_removed_by_hand,
            "the layer of the deleted image is gone from the disk, its manifest or config is not (team/app:1)",
            "garbage-collect removes all three: not by hand, a file may be needed by another image",
        ),
        Wrong(
            stopped_to_collect,
            "container registry is exited, wanted running",
            'docker.containers.get("registry").logs() tells why, where it ever ran',
        ),
    ],
    "11.3": [
        Right(
            nothing,
            "None of these four manifests has a tag. That an index lists three does not count, in 2.8.",
            give=choose("b"),
        ),
        Blank(nothing, "choose a, b or c", give=choose(None)),
        Wrong(
            nothing,
            "The images behind an index have no tag of their own either.",
            "",
            give=choose("a"),
        ),
        Wrong(
            nothing,
            "The index has a tag, so it stays: a list of images that are gone.",
            "",
            give=choose("c"),
        ),
    ],
    "11.4": [
        Right(box_restarted_and_pushed),
        Right(box_in_a_new_container),
        Blank(nothing, NO_REGISTRY),
        Blank(box_pushed_and_collected, "team/box:1 was pushed and cannot be pulled: repair it"),
        Blank(box_broken_twice, "team/box:1 was pushed and cannot be pulled: repair it"),
        Blank(no_job, "run the cell that pushes team/box:1 and collects it first"),
        Wrong(
            box_only_restarted,
            "team/box:1 is not whole: the registry answers 404 MANIFEST_UNKNOWN",
            "push it again",
        ),
        Wrong(
            box_of_another_image,
            'team/box:1 is not busybox: it runs null, wanted ["sh"]',
            'tag the image that docker.images.pull("busybox", tag="latest") gives',
        ),
        Wrong(box_under_another_tag, 'team/box has tags ["2"], wanted ["1"]', "push it"),
        Wrong(
            box_pushed_again,
            "team/box:1 was pushed again, and still cannot be pulled",
            f"the registry found its layer in the cache again: {FRESH}",
        ),
        Wrong(box_collected_once_more, ONCE_MORE, FRESH),
        Wrong(box_deleted_and_pushed_once_more, ONCE_MORE, FRESH),
        Wrong(
            box_of_a_registry_on_no_volume,
            "the registry on port 5000 has no team/box, and another volume has it",
            RUN_AGAIN_ON_IT,
        ),
        Wrong(
            box_of_a_registry_that_is_gone,
            "no registry runs on port 5000, and a volume has team/box",
            RUN_AGAIN_ON_IT,
        ),
        Wrong(box_without_its_tag, 'team/box has tags [], wanted ["1"]', "push it"),
    ],
    "11.5": [
        Right(read_only),
        Right(read_only_by_a_variable_below),
        Right(read_only_by_a_config_file),
        Blank(nothing, NO_REGISTRY),
        Blank(pushed, "make the registry read-only: POST of an upload gives 202 in team/app"),
        Wrong(
            panicked,
            "container registry is exited, wanted running",
            'docker.containers.get("registry").logs() tells why, where it ever ran',
        ),
        Wrong(
            a_variable_that_nothing_reads,
            "POST of an upload gives 202 with REGISTRY_READONLY, wanted 405",
            "the variable of the section, REGISTRY_STORAGE_MAINTENANCE, and the rest as JSON",
        ),
        Wrong(
            a_config_file_without_the_setting,
            "POST of an upload gives 202 with /etc/docker/registry/config.yml, wanted 405",
            "the variable of the section, REGISTRY_STORAGE_MAINTENANCE, and the rest as JSON",
        ),
        Wrong(read_only_and_empty, 'team/app has tags [], wanted ["2"]', AGAIN),
        Wrong(
            mounted_read_only,
            "POST of an upload gives 500, wanted 405",
            "a registry that cannot write is not read-only: it is broken. The variable tells it",
        ),
        Wrong(
            writable_and_empty,
            "the registry has no team/app, and takes pushes",
            "the same volume, and one variable more",
        ),
    ],
    "11.6": [
        Right(purged),
        Right(purged_while_stopped),
        Right(purged_and_the_worker_built_again),
        Right(purged_by_pushing_the_rest_to_a_new_volume),
        Blank(nothing, NO_REGISTRY),
        Blank(no_job, "run the cell that fills shop/api and shop/worker first"),
        Blank(leaked, "the key is still there: two images have the layer"),
        Blank(leaked_and_only_a_dry_run, "the key is still there: two images have the layer"),
        Wrong(
            purged_of_what_has_a_tag,
            "a manifest of shop/api without a tag still lists the layer",
            "overwriting a tag deletes nothing; on the disk, _manifests/revisions has every manifest",
        ),
        Wrong(
            purged_of_one_repository,
            "a manifest of shop/worker still lists the layer",
            "an image of another repository may have it too: look at every one",
        ),
        Wrong(
            purged_and_not_collected,
            "no manifest lists the layer, and its bytes are still on the disk",
            "DELETE frees nothing: collect the garbage, and look at what the command prints",
        ),
        Wrong(
            purged_by_leaving_the_old_volume,
            "the registry has no byte of the layer, and another volume of node 1 has it",
            "a registry on a new volume leaves the old one as it is: docker.volumes.list()",
        ),
        Wrong(
            purged_and_not_restarted,
            "HEAD of a blob that was deleted gives 200 in shop/api",
            FROM_CACHE,
        ),
        Wrong(
            purged_with_untagged,
            "shop/api:both is not whole: of what it lists, a manifest answers 404 MANIFEST_UNKNOWN",
            "what an index lists has no tag of its own, and belongs to a tag: keep it too (-m does not). "
            "The first cell of 11.6 brings everything back",
        ),
        Wrong(
            repository_removed_from_the_disk,
            "shop/worker:2 is gone, wanted as it was",
            "delete by the digests of what has to go, and of nothing else"
            ". The first cell of 11.6 brings everything back",
        ),
        Wrong(
            leaked_and_only_collected,
            "garbage was collected, and every manifest is still there",
            "what a manifest names is not garbage: delete the manifests first, by their digests",
        ),
        Wrong(
            leaked_and_deleted_by_tag,
            "DELETE of a tag in shop/worker gave 400, and no image with a tag has gone",
            BY_DIGEST,
        ),
        Wrong(
            leaked_and_its_blob_deleted,
            "DELETE of a blob in shop/worker gave 202, and no image with a tag has gone",
            "the manifests still list it: delete these, and collect what they leave",
        ),
        Wrong(
            leaked_and_its_file_removed,
            "the layer's file is gone from the disk, and two manifests still list it",
            "a file is not removed by hand: delete the manifests, then collect. "
            "The first cell of 11.6 brings everything back",
        ),
        Wrong(
            layer_removed_from_the_disk,
            "a manifest of shop/api without a tag still lists the layer",
            "overwriting a tag deletes nothing; on the disk, _manifests/revisions has every manifest",
        ),
    ],
    "11.7": [
        Right(retained),
        Right(retained_by_deleting_all_and_pushing_the_rest),
        Blank(nothing, NO_REGISTRY),
        Blank(no_job, "run the cell that fills team/site first"),
        Blank(old, "team/site has all of its 12 tags: delete the old builds"),
        Wrong(
            retained_by_name,
            "hotfix-2 is gone, wanted kept",
            "the three newest images by the date in their config; two tags of one digest are one image"
            ". The first cell of 11.6 brings everything back",
        ),
        Wrong(
            retained_without_stable,
            "build-8 is gone, wanted kept",
            "two tags with one digest: a DELETE takes both"
            ". The first cell of 11.6 brings everything back",
        ),
        Wrong(
            retained_with_old_signatures,
            "the signature of build-7 can still be pulled, wanted deleted",
            "a build is old by the date in its config; its signature goes with it",
        ),
        Wrong(
            retained_without_signatures,
            "the signature of build-8 is gone, wanted kept",
            "what it signs is kept: the digits in its tag are those of that digest"
            ". The first cell of 11.6 brings everything back",
        ),
        Wrong(
            retained_without_untagged,
            "team/site:build-11 is not whole: of what it lists, a manifest answers 404 MANIFEST_UNKNOWN",
            "what an index lists has no tag of its own, and belongs to a tag: keep it too (-m does not). "
            "The first cell of 11.6 brings everything back",
        ),
        Wrong(
            retained_by_two_tags_as_two_images,
            "build-10 is gone, wanted kept",
            "the three newest images by the date in their config; two tags of one digest are one image"
            ". The first cell of 11.6 brings everything back",
        ),
        Wrong(
            retained_by_tags,
            "DELETE of a tag in team/site gave 400, and no image with a tag has gone",
            BY_DIGEST,
        ),
        Wrong(
            retained_in_a_registry_that_may_not,
            "DELETE of a digest in team/site gave 405, and no image with a tag has gone",
            f"this registry may not delete: {RUN_AGAIN_ON_IT}",
        ),
        Wrong(
            retained_too_many,
            "build-7 and build-9 and the signature of build-7 can still be pulled, wanted deleted",
            "a build is old by the date in its config; its signature goes with it",
        ),
    ],
    "11.8": [
        Right(job_with_a_read_only_registry),
        Right(job_with_a_stopped_registry, slow=True),
        Right(job_by_crond, slow=True),
        Blank(nothing, "run the job in a container of its own"),
        Blank(no_job, "run the job in a container of its own"),
        Wrong(
            job_that_has_ended,
            "container cleaner is exited, wanted running",
            'docker.containers.get("cleaner").logs() tells why',
        ),
        Wrong(
            job_that_removed_itself,
            "a container of busybox ended with exit code 3, and is gone",
            "without remove=True and --rm it stays, and its logs() tell why it ended",
        ),
        Wrong(
            job_without_a_container,
            "/srv/clean-up.sh collects garbage, and no container calls it",
            "a container of busybox, with / mounted at /host: chroot /host sh and the script's path",
        ),
        Wrong(
            job_while_pushes_go_on,
            "garbage-collect ran while the registry began uploads (202), wanted refused",
            "what is pushed between its two steps is lost: read-only first, or the registry stopped",
            slow=True,
        ),
        Wrong(
            job_that_restarts_afterwards,
            "garbage-collect ran while the registry began uploads (202), wanted refused",
            "what is pushed between its two steps is lost: read-only first, or the registry stopped",
            slow=True,
        ),
        Wrong(
            job_that_pauses,
            "a push that was under way got 201 after its blobs were collected, and its config has no bytes: "
            "the connection is closed",
            "the registry answers from its cache: only a new start of it empties that",
            slow=True,
        ),
        Wrong(
            job_with_untagged,
            "an index that was pushed before cannot be pulled any more: of what it lists, a manifest answers "
            "404 MANIFEST_UNKNOWN",
            "-m deletes what has no tag, and what an index lists has none",
            slow=True,
        ),
        Wrong(
            job_that_stays_read_only,
            "after garbage-collect the registry takes no push for 30 s",
            "is it stopped, or still read-only? The last step makes it a registry that can be written to",
            slow=True,
        ),
        Wrong(
            job_on_a_new_volume,
            "what was pushed before the job ran is gone: its manifest answers 404 MANIFEST_UNKNOWN",
            "the job has to leave a registry behind, on the same volume",
            slow=True,
        ),
        Wrong(
            job_that_never_comes,
            "80 s later, blobs that no manifest names are still on the disk",
            "the job runs less than once a minute, or its script fails: read what it prints, "
            "print(docker.containers.get(…).logs().decode())",
            slow=True,
        ),
    ],
}
