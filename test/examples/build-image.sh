#!/bin/sh
# Builds the image of the Dockerfile without a registry of images: its base is made of Debian's packages and of the node and
# npm that are installed here. Needs root, buildah and mmdebstrap. The base is kept in the storage for the next time.
# Usage: build-image.sh STORAGE: prints the name of the image.
set -eu
storage=$1
cd "$(dirname "$0")/../.."
export BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$storage" --storage-driver overlay "$@"; }

if ! buildah inspect --type image localhost/scoremill-node >/dev/null 2>&1; then
  files=$(mktemp -d)
  trap 'rm -rf "$files"' EXIT
  mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$files/base.tar" >&2
  base=$(buildah from scratch)
  buildah add --quiet "$base" "$files/base.tar" / >&2
  buildah copy --quiet "$base" "$(node -p process.execPath)" /usr/bin/node >&2
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  buildah copy --quiet "$base" "$npm" /usr/lib/node_modules/npm >&2
  buildah run "$base" ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/bin/npm
  # What this machine trusts, so that packages can be had from where it has them from.
  if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    buildah copy --quiet "$base" /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt >&2
    buildah config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$base"
  fi
  buildah commit --quiet "$base" localhost/scoremill-node >&2
  buildah rm "$base" >&2
fi
buildah build --layers --pull=never --build-arg NODE_IMAGE=localhost/scoremill-node --tag localhost/scoremill . >&2
echo localhost/scoremill
