/**
 * Why an ordinary user gets no user namespace, and the exact command that allows it. Each distribution has its own
 * switch for this, and the kernel's answer ("Operation not permitted") names none of them.
 */

type Switch = { path: string; closed: (value: number) => boolean; setting: string; why: string };

const switches: readonly Switch[] = [
  {
    path: "/proc/sys/kernel/unprivileged_userns_clone",
    closed: (value) => value === 0,
    setting: "kernel.unprivileged_userns_clone=1",
    why: "this kernel keeps user namespaces for root (kernel.unprivileged_userns_clone is 0)",
  },
  {
    path: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    closed: (value) => value !== 0,
    setting: "kernel.apparmor_restrict_unprivileged_userns=0",
    why: "AppArmor takes the rights inside user namespaces away (kernel.apparmor_restrict_unprivileged_userns is 1)",
  },
  {
    path: "/proc/sys/user/max_user_namespaces",
    closed: (value) => value === 0,
    setting: "user.max_user_namespaces=15000",
    why: "no user namespace may be made (user.max_user_namespaces is 0)",
  },
  {
    path: "/proc/sys/user/max_net_namespaces",
    closed: (value) => value === 0,
    setting: "user.max_net_namespaces=15000",
    why: "no network namespace may be made (user.max_net_namespaces is 0)",
  },
];

const file = "/etc/sysctl.d/60-brume.conf";

export function usernsRemedy(
  read: (path: string) => string | undefined,
  exists: (path: string) => boolean,
): { why: string; remedy: string } {
  const closed = switches.filter((each) => {
    const value = read(each.path);
    return value !== undefined && each.closed(Number(value));
  });
  if (closed.length > 0) {
    const settings = closed.map(({ setting }) => setting).join("\\n");
    return {
      why: closed.map(({ why }) => why).join("; "),
      remedy: `printf '${settings}\\n' | sudo tee ${file} && sudo sysctl -p ${file}`,
    };
  }
  if (exists("/.dockerenv") || exists("/run/.containerenv")) {
    return {
      why: "this is a container, whose rules forbid namespaces",
      remedy:
        "start the container with --privileged, or with --security-opt seccomp=unconfined --cap-add SYS_ADMIN --cap-add NET_ADMIN",
    };
  }
  return {
    why: "the kernel refuses, and no known switch says why",
    remedy: "run brume as root, or ask who runs this machine",
  };
}
