# shellcheck shell=bash
# What the scripts beside this share: the build, a lab in two network namespaces, cleaning up, and small sums.
# To be sourced under `set -euo pipefail`.

export LC_ALL=C
bench=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=${bench%/*}
# A jar to measure instead of the one that is built here: to compare two builds, say.
jar=${FRAMEJET_BENCH_JAR:-$bench/target/framejet-benchmarks.jar}
java=java
if [[ -n ${JAVA_HOME-} ]]; then java=$JAVA_HOME/bin/java; fi
# As the launcher starts the command line.
# shellcheck disable=SC2034 # for the scripts
java_options=(-XX:+UseSerialGC -XX:-UsePerfData -Xshare:auto)

work=$(mktemp -d "${TMPDIR:-/tmp}/fj-bench-XXXXXX")
children=()
namespaces=()

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }
# shellcheck disable=SC2154 # each script has its own usage
usage_die() { say "${0##*/}: $*"; say "usage: $usage"; exit 2; }

finish() {
  local status=$? pid namespace
  trap - EXIT
  trap '' INT TERM HUP
  for pid in "${children[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${children[@]}"; do wait "$pid" 2>/dev/null || true; done
  for namespace in "${namespaces[@]}"; do ip netns del "$namespace" 2>/dev/null || true; done
  rm -rf -- "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# Runs a command as a child that ends with this script, whatever ends it.
child() {
  local status=0
  "$@" &
  children+=($!)
  wait $! || status=$?
  unset 'children[-1]'
  return "$status"
}

need_root() { ((EUID == 0)) || die "makes network namespaces: run it as root"; }

need() {
  local tool
  for tool in "$@"; do
    type -P "$tool" >/dev/null || die "needs $tool; install the packages that ci/setup names"
  done
}

# Builds the benchmarks' jar when it is missing or older than a source.
build() {
  if [[ -n ${FRAMEJET_BENCH_JAR-} ]]; then
    [[ -f $jar ]] || die "FRAMEJET_BENCH_JAR=$jar: no such file"
    return
  fi
  if [[ -f $jar && -z $(find "$root"/{pom.xml,CMakeLists.txt,native,java/core/pom.xml,java/core/src/main} \
    "$bench"/{pom.xml,src} -newer "$jar" -print -quit) ]]; then
    return
  fi
  say "building the benchmarks"
  (cd "$root" && child mvn -q -B -ntp -Dmaven.test.skip=true -pl java/core,benchmarks package) >&2 ||
    die "the build failed"
}

# ---- the lab ----------------------------------------------------------------------------------------------

# Two namespaces, $tx with v0 (10.77.0.1/16) and the ifb `sink`, $rx with v1 (10.77.0.2/16). IPv6 is off, so that
# the only frames are those of the measurement.
make_lab() {
  local namespace
  forget_dead_labs
  tx=fj-bench-$$-tx rx=fj-bench-$$-rx
  for namespace in "$tx" "$rx"; do
    namespaces+=("$namespace")
    ip netns add "$namespace"
    # shellcheck disable=SC2016 # for the inner shell
    ip netns exec "$namespace" bash -c 'for i in all default; do
      f=/proc/sys/net/ipv6/conf/$i/disable_ipv6; [[ ! -e $f ]] || echo 1 >"$f"; done'
    ip -n "$namespace" link set lo up
  done
  ip link add v0 netns "$tx" type veth peer name v1 netns "$rx"
  ip -n "$tx" link add sink type ifb
  ip -n "$tx" addr add 10.77.0.1/16 dev v0
  ip -n "$rx" addr add 10.77.0.2/16 dev v1
  ip -n "$rx" link set v1 up
  ip -n "$tx" link set v0 up
  ip -n "$tx" link set sink up
}

# Labs of scripts that were killed.
forget_dead_labs() {
  local namespace pid
  for namespace in /run/netns/fj-bench-*; do
    [[ -e $namespace ]] || continue
    namespace=${namespace##*/} pid=${namespace#fj-bench-}
    [[ -d /proc/${pid%%-*} ]] || ip netns del "$namespace" 2>/dev/null || true
  done
}

# Linux answers on v1 for the whole /16.
answer_all() {
  # As NICs have it, and veth has not unless told: a far side with GRO takes what XDP programs send.
  ip netns exec "$rx" ethtool -K v1 gro on >/dev/null
  ip -n "$rx" route add local 10.77.0.0/16 dev lo
  ip -n "$rx" route add 10.77.0.1/32 dev v1 table local
}

# Makes $work/drop.o, an XDP program that drops every frame, if there is a clang for it.
make_drop() {
  local source='__attribute__((section("xdp"), used)) int drop(void *frame) { (void)frame; return 1; }
    char license_text[] __attribute__((section("license"), used)) = "Apache-2.0";'
  type -P clang >/dev/null && clang -O2 -g -target bpf -x c -c -o "$work/drop.o" - <<<"$source" 2>/dev/null
}

# The far side takes every frame and drops it, as early as this machine lets it; says how in $far_side.
# shellcheck disable=SC2034 # far_side is for the scripts
drop_all() {
  if make_drop && ip -n "$rx" link set v1 xdp obj "$work/drop.o" section xdp 2>/dev/null; then
    far_side="an XDP program drops"
  else
    ip -n "$rx" link set v1 arp off
    far_side="Linux's own stack drops, its link being without ARP (no clang, or no XDP here)"
  fi
}

in_tx() { ip netns exec "$tx" "$@"; }
in_rx() { ip netns exec "$rx" "$@"; }

# ---- sums -------------------------------------------------------------------------------------------------

# A number of one line of JSON, from stdin: a line for each line that has it.
field() { sed -n "s/.*\"$1\" *: *\\([-+0-9.eE]*\\).*/\\1/p"; }

# Of numbers on stdin, one a line: "median min max count"; nothing of nothing.
spread() {
  sort -g | awk 'NF { v[++n] = $1 }
    END { if (n) print (n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2), v[1], v[n], n }'
}

# awk's arithmetic, true or false as an exit code: holds '1.2 >= 1'
holds() { awk "BEGIN { exit !($1) }"; }
calc() { awk "BEGIN { printf \"${2:-%.3f}\", $1 }"; }

now() { echo "$EPOCHREALTIME"; }

# Says how busy the machine is: what else runs here is measured too.
say_load() {
  local load
  read -r load _ </proc/loadavg
  say "load average: $load$(if holds "$load > 0.5"; then echo ' - this machine is BUSY, the figures are not worth much'; fi)"
}

# Where this ran, as members of a JSON object.
environment() {
  local cpu commit
  cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
  commit=$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)
  printf '"date": "%s", "kernel": "%s", "cpu": "%s", "cores": %d, "load": %s, "java": "%s", "commit": "%s"' \
    "$(date -u +%FT%TZ)" "$(uname -r)" "${cpu//\"/}" "$(nproc)" "$(cut -d ' ' -f 1 /proc/loadavg)" \
    "$("$java" -version 2>&1 | sed -n '1s/[^"]*"\([^"]*\)".*/\1/p')" "$commit"
}
