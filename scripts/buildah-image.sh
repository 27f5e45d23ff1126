#!/bin/bash
# Makes the variant of the task image that has buildah, for builds from a Dockerfile: Debian by debootstrap, this machine's Node and
# dist/ on top by our own build, pushed by our own push. The last line printed is its reference. Not part of a release.
#   scripts/buildah-image.sh REGISTRY/REPOSITORY [FLAG OF PUSH...]      --plain-http, --username …
# Needs root, debootstrap and umoci. DEBIAN_SUITE (trixie) and DEBIAN_MIRROR choose the packages; a mirror of snapshot.debian.org
# gives the same ones again.
set -euo pipefail

image=${1:?usage: scripts/buildah-image.sh REGISTRY/REPOSITORY [FLAG OF PUSH...]}
shift
suite=${DEBIAN_SUITE:-trixie}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
repository=$(cd "$(dirname "$0")/.." && pwd)
node=$(readlink -f "$repository/node_modules/.bin/node")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

slipway() { SLIPWAY_HOST=local "$node" "$repository/dist/slipway/index.js" "$@" >&2; }

make_root() {
  debootstrap --variant=minbase --include=buildah,ca-certificates,git,libstdc++6,netavark,crun "$suite" "$work/root" "$mirror" >&2
  cd "$work/root"
  rm -rf var/cache/apt/* var/lib/apt/lists/* var/log/* var/cache/ldconfig/* usr/share/doc/* usr/share/man/* usr/share/locale/*
  : > etc/machine-id
  echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/usr/sbin/nologin' >> etc/passwd
  echo 'nonroot:x:65532:' >> etc/group
  install -d -m 700 -o 65532 -g 65532 home/nonroot
  # Names without a registry mean nothing here, as everywhere in Slipway.
  install -d etc/containers
  echo 'unqualified-search-registries = []' > etc/containers/registries.conf
}

# Times and order by rule: the same packages give the same layer. umoci dates each step, here at the epoch.
make_base() {
  tar --create --file "$work/root.tar" --directory "$work/root" --sort=name --mtime=@1 --numeric-owner --exclude=./dev/* .
  umoci init --layout "$work/base"
  umoci new --image "$work/base:base"
  umoci raw add-layer --image "$work/base:base" --history.created 1970-01-01T00:00:00Z --history.created_by "debootstrap $suite" "$work/root.tar"
}

make_root
make_base
mkdir -p "$work/files"
cp "$node" "$work/files/node"
cp -r "$repository/dist" "$work/files/dist"
cd "$work/files"
slipway build --base "oci:$work/base:base" --layers $'node:/usr/local/bin/node\ndist:/opt/slipway/dist' --user 65532:65532 \
  --env $'BUILDAH_ISOLATION=chroot\nSTORAGE_DRIVER=vfs' --cmd '["node", "/opt/slipway/dist/slipway/index.js"]' \
  --labels "dev.slipway.base=debian $suite with buildah"
slipway push --image "$image" --tags buildah "$@"
digest=$("$node" -p 'JSON.parse(fs.readFileSync(".slipway/record.json")).subject.digest')
echo "$image:buildah@$digest"
