# What lesson 15 does beside its blocks, for `labs bench`: the registries, images, answers, the stick.
# labs/bench/lesson_commands.py tells the form.
# Counted: the images are busybox and hello-world, the shop's are signed with cosign, and the index has one platform.

# %% open
for each in here:5000 there:5001; do
  docker container run --name "${each%:*}" -d -p "${each#*:}:5000" -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2
  wait_http "${each#*:}"
done
# to IMAGE REFERENCE: push one of docker's images to the first registry
to() {
  docker image pull "$1"
  docker image tag "$1" "127.0.0.1:5000/$2"
  docker image push "127.0.0.1:5000/$2"
}
to busybox team/app:1
to hello-world team/app:2
to hello-world team/app:both
PLAIN=(--src-tls-verify=false --dest-tls-verify=false)

# %% fill sign-twin
$(head_digest 5000 team/app 1 | cut -d : -f 2)

# %% answer-15-3
node 1 'echo "{}" >/srv/sbom.json'
exact=127.0.0.1:5000/team/app@$(head_digest 5000 team/app 1)
tools oras attach --plain-http --artifact-type application/spdx+json "$exact" sbom.json:application/spdx+json

# %% travel
tools skopeo copy "${PLAIN[@]}" docker://127.0.0.1:5000/team/app:1 docker://127.0.0.1:5001/by-skopeo/app:1

# %% answer-15-4
move() { tools skopeo copy --all "${PLAIN[@]}" "docker://127.0.0.1:5000/team/app:$1" docker://127.0.0.1:5000/team/app:latest; }
sign() { tools cosign sign --key team.key --tlog-upload=false --yes "$@"; }
move 2
sign -a tag=latest "127.0.0.1:5000/team/app@$(head_digest 5000 team/app 2)"

# %% clean
hex=$(head_digest 5000 team/app 1 | cut -d : -f 2)
request DELETE 5000 "/v2/team/app/manifests/$(head_digest 5000 team/app "sha256-$hex.sig")"
request DELETE 5000 "/v2/team/app/manifests/$(head_digest 5000 team/app "sha256-$hex")"

# %% fill clean-twin
$hex
$hex

# %% answer-15-6
tools cosign generate-key-pair --output-key-prefix shop
# by_shop REPOSITORY TAG: sign what it names
by_shop() { tools cosign sign --key shop.key --tlog-upload=false --yes "127.0.0.1:5000/$1@$(head_digest 5000 "$1" "$2")"; }
for each in 1 2 3 4 5; do to busybox "shop/web:$each"; done
by_shop shop/web 1

# %% answer-15-7
to hello-world shop/tea:1
to busybox shop/tea:2
to hello-world shop/tea:3
for each in 1 2 3; do by_shop shop/tea "$each"; done
whole=(--all --preserve-digests "${PLAIN[@]}" --src docker)
tools skopeo sync "${whole[@]}" --dest docker 127.0.0.1:5000/shop/tea 127.0.0.1:5001/shop
for each in 1 2 3; do
  tools cosign verify --key shop.pub --insecure-ignore-tlog "127.0.0.1:5001/shop/tea:$each"
done

# %% answer-15-8
tools skopeo sync "${whole[@]}" --dest dir 127.0.0.1:5000/shop/tea /srv/stick
node 1 'cd /srv/stick/tea:2 && sed -i s/linux/linus/ "$(tr -d " \n" <manifest.json | grep -o "\"config\":{[^}]*" | grep -o "[0-9a-f]\{64\}")"'

# %% fill stick-twin
$(head_digest 5000 shop/tea 1 | cut -d : -f 2)
