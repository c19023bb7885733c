#!/bin/sh
# A node's place on another machine: `place.sh VERB FOLDER [WORD...]`. The node's namespaces are held by a process that
# sleeps (the anchor); a second one (the sitter) watches the lease that the lab's keeper renews, and takes all of it away
# when nobody has renewed it for too long. Everything is of this one file and of what any Debian has. Root runs every
# verb but `renew`, which the login may, so that no log fills with sudo's lines. What a person can mend is told on the
# standard error as "brume|CODE|WHAT|REMEDY".
set -u
umask 022
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH

verb=$1
folder=$2
shift 2
cgroups=/sys/fs/cgroup

fail() {
  printf 'brume|%s|%s|%s\n' "$1" "$2" "$3" >&2
  exit 3
}

# Settings are words that need no quoting; whatever else one holds is refused.
keep_settings() {
  for setting in "$@"; do
    case $setting in
      *[!A-Za-z0-9_./:=@+-]*) fail place-setting "this is no setting: $setting" "" ;;
    esac
    printf '%s\n' "$setting"
  done >"$folder/settings.new" && mv "$folder/settings.new" "$folder/settings"
}

# Of two who wait for a place, one may find it taken away and made again: the lock counts on the folder that is there now.
lock() { # As flock's own words say, how long.
  while [ -d "$folder" ]; do
    exec 9<"$folder" || continue
    flock "$@" 9 || return 1
    [ "$folder" -ef /proc/$$/fd/9 ] && return 0
  done
  return 1
}

hold() {
  lock -w 60 || [ ! -d "$folder" ] || fail place-busy "another command has worked at $folder for a minute" "try again"
  [ -d "$folder" ]
}

read -r boot </proc/sys/kernel/random/boot_id

# Hundredths of a second since the boot: no clock that somebody sets.
now() {
  read -r up _ </proc/uptime
  echo "${up%.*}${up#*.}"
}

ticks() {
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- ${line##*) }
  case $1 in Z | X) return 1 ;; esac
  echo "${20}"
}

# A process by its number and when it began, in a file: no other one is ever taken for it.
sign() { echo "$$ $(ticks $$) $boot" >"$folder/$1.new" && mv "$folder/$1.new" "$folder/$1"; }
signed() {
  { read -r pid began booted <"$folder/$1"; } 2>/dev/null || return 1
  [ "$booted" = "$boot" ] && [ "$(ticks "$pid")" = "$began" ] || return 1
  echo "$pid"
}

await() { # SECONDS/20 COMMAND...
  left=$1
  shift
  while ! "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 0.05
  done
}

# Control groups: for stopping, counting and killing all of a node at once; limits are set in them by limit-main.ts.
find_groups() {
  for controller in cpu cpuacct memory freezer; do
    top=$(readlink -f "$cgroups/$controller")
    [ -w "$top/cgroup.procs" ] && echo "$top/brume/$lab/$name"
  done | sort -u
  [ -w "$cgroups/freezer/cgroup.procs" ] && return
  for top in "$cgroups" "$cgroups/unified"; do
    [ -w "$top/cgroup.controllers" ] || [ -w "$top/cgroup.procs" ] || continue
    [ -f "$top/cgroup.controllers" ] && echo "$top/brume/$lab/$name" && return
  done
}
group_list() { [ ! -f "$folder/groups" ] || cat "$folder/groups"; }
make_groups() {
  find_groups >"$folder/groups.new" && mv "$folder/groups.new" "$folder/groups"
  for group in $(group_list); do
    [ -d "$group" ] || echo fresh # Without the limits that an old one has.
    # A neighbour that goes takes the empty folders above along, perhaps just now.
    await 5 mkdir -p "$group" || fail place-group "$group cannot be made" "look at dmesg of that machine"
  done
}
remove_groups() {
  for group in $(group_list; engine_groups); do
    await 100 no_group "$group" || fail place-group "$group does not go away" "run ./brume destroy again"
    rmdir "${group%/*}" "${group%/*/*}" 2>/dev/null
  done
}
# An engine that is given a group for its container makes it in every hierarchy, and leaves it there.
engine_groups() {
  [ -n "$container" ] || return 0
  for group in "$cgroups"/*/"brume/$lab/$name" "$cgroups/brume/$lab/$name"; do
    [ ! -d "$group" ] || echo "$group"
  done
}
no_group() {
  [ ! -d "$1" ] || { find "$1" -depth -type d -exec rmdir {} + 2>/dev/null; [ ! -d "$1" ]; }
}

# In the node's groups, or else in its network; the anchor apart.
members() {
  anchor=$(signed anchor)
  {
    for group in $(group_list); do find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null; done
    if [ -n "$anchor" ]; then
      network=$(stat -L -c %i "/proc/$anchor/ns/net")
      stat -L -c '%i %n' /proc/[0-9]*/ns/net 2>/dev/null | sed -n "s|^$network /proc/\([0-9]*\)/.*|\1|p"
    fi
  } | sort -un | grep -vx "${anchor:-none}"
}
# What runs on the node, without those that brume keeps in a container.
commands() {
  members | while read -r pid; do is_attendant "$pid" || echo "$pid"; done | grep .
}
is_attendant() {
  [ -n "$container" ] || return 1
  case $(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline") in "/.brume/attendant "*) return 0 ;; *) return 1 ;; esac 2>/dev/null
}
kill_members() {
  round=0
  while pids=$(members); do
    kill -9 $pids 2>/dev/null
    set_frozen 0 # What is frozen dies when it is let go.
    round=$((round + 1))
    [ "$round" -lt 200 ] || fail place-alive "processes of $name outlive a kill" "restart that machine"
    sleep 0.05
  done
}

# Of a control group's files: WORD into FILE until LINE is in SEEN. Written at every look, since version 1 misses a process
# that just then waits for one which it made by vfork.
turn() { # FILE WORD SEEN LINE
  echo "$2" >"$1" && grep -qx "$4" "$3"
}

# An engine that leaves groups to systemd has its container elsewhere.
own_groups() { [ "$container_groups" = no ] || group_list; }
set_frozen() {
  for group in $(own_groups); do
    if [ -f "$group/freezer.state" ]; then
      [ "$1" = 1 ] && state=FROZEN || state=THAWED
      await 100 turn "$group/freezer.state" "$state" "$group/freezer.state" "$state"
      return
    elif [ -f "$group/cgroup.freeze" ]; then
      await 100 turn "$group/cgroup.freeze" "$1" "$group/cgroup.events" "frozen $1"
      return
    fi
  done
  [ "$1" = 1 ] && signal=STOP || signal=CONT
  # Twice, for what was forked meanwhile.
  for _ in 1 2; do pids=$(members) && kill -s "$signal" $pids 2>/dev/null; done
  return 0
}

start_sitter() {
  signed sitter >/dev/null && return
  setsid sh "$folder/place.sh" sit "$folder" </dev/null >>"$folder/log" 2>&1 9<&- &
  await 200 signed sitter || fail place-sitter "the sitter did not start: $(tail -n 1 "$folder/log")" ""
}

# Out of the session that began it, where the machine's manager might end it with the login.
stand_alone() {
  cd / || exit 1
  for top in "$cgroups" "$cgroups/unified" "$cgroups/systemd"; do
    [ -w "$top/cgroup.procs" ] && echo $$ >"$top/cgroup.procs"
  done 2>/dev/null
  { echo -900 >/proc/$$/oom_score_adj; } 2>/dev/null
}

sit() {
  stand_alone
  sign sitter
  while sleep "$look"; do
    is_stale || continue
    hold || exit 0
    is_stale && undo && exit 0
    exec 9<&-
  done
}
is_stale() {
  # An empty one is being written just now.
  booted= renewed=0
  { read -r booted renewed <"$folder/lease"; } 2>/dev/null || [ ! -f "$folder/lease" ] || return 1
  [ "$booted" != "$boot" ] || [ $(($(now) - renewed)) -gt "$limit" ]
}

start_anchor() {
  signed anchor >/dev/null && return
  setsid unshare --net --mount --uts --propagation private sh "$folder/place.sh" anchor "$folder" \
    </dev/null >>"$folder/log" 2>&1 9<&- &
  await 200 signed anchor || fail place-namespace "no namespaces: $(tail -n 1 "$folder/log")" \
    "the kernel of that machine needs network, mount and UTS namespaces"
}
# Long fat links need large buffers, and no link-local chatter belongs on a lab's links. $1 goes in front.
set_network() {
  "$1" sh -c 'echo "4096 131072 33554432" >/proc/sys/net/ipv4/tcp_rmem
    echo "4096 16384 33554432" >/proc/sys/net/ipv4/tcp_wmem
    [ -z "$0" ] || echo 1 >/proc/sys/net/ipv6/conf/default/addr_gen_mode' "$v6"
}

anchor() {
  stand_alone
  mount --bind "$folder/hosts" /etc/hosts && hostname "$name" && ip link set lo up || exit 1
  set_network env
  sign anchor
  exec sleep infinity
}

within() { nsenter --target "$(signed anchor)" --net -- "$@"; }
unlink_node() {
  for link in eth0 brume-link; do
    ! within ip link show "$link" >/dev/null 2>&1 || within ip link delete "$link" || return
  done
}

# Made in this machine's own network, which carries it, and at once put into the node's.
link_node() {
  unlink_node
  anchor=$(signed anchor)
  # Kernels before 6.2 refuse the name eth0 while this machine has one, though the link is made in another network.
  complaint=$(ip link add name brume-link mtu "$mtu" address "$mac" arp "$arp" netns "$anchor" \
    type vxlan id "$identifier" remote "$remote" dstport "$port" nolearning 2>&1) || case $complaint in
    *"not supported"* | *"nknown device type"*)
      fail place-vxlan "its kernel has no vxlan ($complaint)" "sudo modprobe vxlan says why; linux-modules-extra has it on Ubuntu" ;;
    *) fail place-tunnel "its end of the tunnel cannot be made: $complaint" "ss -lunp there shows who has UDP port $port" ;;
  esac
  within ip link set brume-link name eth0
  within ip address add "$v4" dev eth0
  if [ -n "$v6" ]; then
    within ip address add "$v6" dev eth0 nodad &&
      within ip address add "$marker" dev lo nodad ||
      fail place-ipv6 "its kernel has no IPv6, which the lab uses" "remove ipv6.disable=1 from its kernel's command line"
  fi
  within ip link set eth0 up
}

# Its network is what the link ends in.
adopt() {
  hold || fail node-down "its place on that machine is gone" "provision the lab again"
  await 100 is_attendant "$1" || fail place-container "its container runs, but not as a process that the login there can see" \
    "log in to the very machine that the engine is of, not to a container beside it"
  echo "$1 $(ticks "$1") $boot" >"$folder/anchor.new" && mv "$folder/anchor.new" "$folder/anchor"
  # In a container without a network of its own engines switch IPv6 off.
  [ -z "$v6" ] || within sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6' 2>/dev/null
  set_network within
  link_node
}

vanish() {
  if anchor=$(signed anchor); then unlink_node; fi
  kill_members
  [ -z "$anchor" ] || { kill -9 "$anchor"; await 200 no_anchor; }
  rm -f "$folder/anchor"
}
no_anchor() { ! signed anchor; }

undo() {
  vanish
  if { read -r pid <"$folder/holder/holder.pid"; } 2>/dev/null; then
    case $(tr '\0' ' ' <"/proc/$pid/cmdline") in *holder-main*) kill -9 "$pid" ;; esac 2>/dev/null
  fi
  [ -z "$container" ] || "$container_node" --disable-warning=ExperimentalWarning "$container_remove" \
    "$container_socket" "$container" || fail place-container "its container does not go away" "is its engine running? run ./brume destroy again"
  remove_groups
  rm -rf --one-file-system "$folder"
  [ ! -d "$folder" ] || fail place-folder "$folder does not go away" "run ./brume destroy again"
}

# What a machine that lost its power, or a sitter that was killed, has left behind here.
sweep() {
  for place in "${folder%/*}"/*/; do
    place=${place%/}
    [ "$place" = "$folder" ] || [ ! -f "$place/place.sh" ] || sh "$place/place.sh" undo-stale "$place"
  done
}

create() {
  for tool in ip:iproute2 unshare:util-linux nsenter:util-linux flock:util-linux setsid:util-linux setpriv:util-linux hostname:hostname find:findutils; do
    command -v "${tool%:*}" >/dev/null ||
      fail place-tool "it has no command ${tool%:*}" "sudo apt-get install ${tool#*:} there"
  done
  mkdir -p "$folder" && chmod 755 "${folder%/*}" "$folder"
  until hold; do mkdir -p "$folder"; done
  keep_settings "$@"
  load
  [ "$0" = "$folder/place.sh" ] || { cp "$0" "$folder/place.sh.new" && mv "$folder/place.sh.new" "$folder/place.sh"; }
  sweep 9<&-
  echo "$boot $(now)" >"$folder/lease"
  cat >"$folder/hosts"
  mkdir -p "$folder/files" "$folder/holder" && chmod 700 "$folder/holder"
  chown "$uid:$gid" "$folder/lease" "$folder/hosts" "$folder/files" "$folder/holder"
  start_sitter
  vanish
  make_groups
  [ -z "$container" ] || return 0 # It is adopted when it runs.
  start_anchor
  link_node
}

# The process that was started becomes the command itself, so its number is the command's and signals reach it.
enter() { # FOLDER COMMAND...
  anchor=$(signed anchor) || {
    echo "brume: $name is down there; crash and restart it by ./brume impair LAB --node $name --do crash, then restart" >&2
    exit 125
  }
  for group in $(group_list); do echo $$ >"$group/cgroup.procs" || exit 125; done
  drop=
  [ "$uid" = 0 ] || drop="setpriv --reuid=$uid --regid=$gid --init-groups env HOME=$home USER=$user LOGNAME=$user"
  [ -n "$1" ] || { shift; set -- "$home" "$@"; }
  exec nsenter --target "$anchor" --net --mount --uts -- $drop \
    sh -c 'cd "$1" || exit 125; shift; exec "$@"' brume-exec "$@"
}

# Two seconds to say goodbye; what then is left is not asked again.
stop() {
  if pids=$(commands); then kill -s TERM $pids; else return 0; fi 2>/dev/null
  await 40 nobody || true
}
nobody() { ! commands; }

usage() {
  echo "processes $(commands | wc -l)"
  for group in $(own_groups); do
    [ ! -f "$group/cpuacct.usage" ] || echo "cpuNs $(cat "$group/cpuacct.usage")"
    [ ! -f "$group/memory.usage_in_bytes" ] || echo "memory $(cat "$group/memory.usage_in_bytes")"
    [ ! -f "$group/memory.current" ] || echo "memory $(cat "$group/memory.current")"
    cat "$group/cpu.stat" "$group/memory.stat" 2>/dev/null | grep -E '^(usage_usec|total_inactive_file|inactive_file) '
  done
}

load() {
  container= container_groups=
  while IFS= read -r setting; do
    case $setting in [a-z]*=*) eval "${setting%%=*}=\${setting#*=}" ;; esac
  done <"$folder/settings"
}

if [ "$verb" != create ]; then
  # A place that is gone has nothing to be stopped or removed; of everything else it is the end.
  if [ ! -f "$folder/settings" ]; then
    case $verb in
      vanish | remove | undo-stale | stop) rm -rf --one-file-system "$folder"; exit 0 ;;
      renew) echo gone; exit 0 ;;
      *) fail node-down "its place on that machine is gone" "crash and restart it: ./brume impair LAB --node NODE --do crash, then --do restart" ;;
    esac
  fi
  load
fi
case $verb in
  create) create "$@" ;;
  adopt) adopt "$@" ;;
  vanish) ! hold || vanish ;;
  freeze)
    hold && { set_frozen 1 || {
      set_frozen 0
      fail place-frozen "processes of $name do not stand still" "look at dmesg of that machine"
    }; }
    ;;
  thaw) hold && set_frozen 0 ;;
  remove) ! hold || { ! pid=$(signed sitter) || kill -9 "-$pid"; undo; echo ended; } ;;
  undo-stale) signed sitter >/dev/null || ! lock -n || ! is_stale || undo ;;
  stop) stop ;;
  renew) echo "$boot $(now)" >"$folder/lease" && { signed sitter >/dev/null && echo held || echo gone; } ;;
  names) cat >"$folder/hosts" ;;
  enter) enter "$@" ;;
  usage) usage ;;
  sit) sit ;;
  anchor) anchor ;;
  *) fail place-verb "there is no verb $verb" "" ;;
esac
