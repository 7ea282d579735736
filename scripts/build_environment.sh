# Sourced, from the root of the tree, by whatever builds: ./demo, ./test, .ci/run.
# Sets JOBS, makes the build folder, and gives ccache a place where this user may write.
export JOBS=${JOBS:-$(nproc)}
mkdir -p build
if [ -z "${CCACHE_DIR:-}" ]; then
  cache="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/ccache"
  if ! { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null; then
    export CCACHE_DIR="$PWD/build/ccache"
  fi
  unset cache
fi
