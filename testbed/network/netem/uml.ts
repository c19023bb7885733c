/**
 * A kernel with real netem as one process: user-mode Linux on this machine's own file system. It boots in about
 * three seconds, runs one shell script as root inside itself, and is gone. The script's writes are real.
 */
import { spawn } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import { umlPreload } from "./uml-preload.ts";

export type UmlOptions = { timeoutMs: number; memoryMegabytes: number };

/** `results` is what the script wrote to the file "$RESULTS"; `output` all that it printed. */
export type UmlRun = { status: number; output: string; results: string };

/** It was killed as it was not done in time; the message holds what it had said until then. */
class UmlLateError extends Error {}

const packages = "user-mode-linux kmod iproute2 iputils-ping iperf3";
const modules =
  "ipv6 bridge veth tun ifb sch_ingress sch_netem sch_htb sch_codel sch_fq_codel cls_u32 cls_fw cls_flow act_skbedit act_gact act_mirred act_police";

/** `timeoutMs` is for one start: a kernel that is far too late hangs, which says nothing of the script. Once may happen. */
export async function runInUml(script: string, options: UmlOptions): Promise<UmlRun> {
  try {
    return await runOnce(script, options);
  } catch (error) {
    if (!(error instanceof UmlLateError)) throw error;
    process.stderr.write(`${error}\nuser-mode Linux is started a second time\n`);
    return await runOnce(script, options);
  }
}

async function runOnce(script: string, options: UmlOptions): Promise<UmlRun> {
  const kernel = await findKernel();
  const preload = await umlPreload();
  const folder = await mkdtemp(join(tmpdir(), "brume-uml-"));
  try {
    await writeFile(join(folder, "script"), script);
    await writeFile(join(folder, "init"), initScript(folder), { mode: 0o755 });
    const console = await boot(kernel, folder, { ...options, preload });
    const [status, output, results] = await Promise.all(
      ["status", "output", "results"].map((name) => readFile(join(folder, name), "utf8").catch(() => "")),
    );
    if (!status) throw new Error(`user-mode Linux ended before its script did\n${output}\n${console}`);
    return { status: Number(status), output: output ?? "", results: results ?? "" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Process 1 inside: it finds neither file systems, modules nor a search path, and its exit status reaches nobody. */
function initScript(folder: string): string {
  return `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=${folder} RESULTS=${folder}/results
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mkdir -p /dev/shm /dev/pts /run/kernel/lib /run/netns
mount -t tmpfs shm /dev/shm
mount -t devpts devpts /dev/pts
ln -s /usr/lib/uml/modules /run/kernel/lib/modules
{
  modprobe -d /run/kernel -a ${modules}
  ip link set lo up
  sh ${folder}/script
} >${folder}/output 2>&1 </dev/null
echo $? >${folder}/status
sync
halt -f -p || echo o >/proc/sysrq-trigger
`;
}

type Boot = UmlOptions & { preload: string | undefined };

/** What the kernel said on its console. Past the time limit all its processes are killed, and none other. */
async function boot(
  kernel: string,
  folder: string,
  { timeoutMs, memoryMegabytes, preload }: Boot,
): Promise<string> {
  const words = [
    ...["root=/dev/root", "rootfstype=hostfs", "rw", `mem=${memoryMegabytes}M`, `init=${folder}/init`],
    ...["con=null", "con0=fd:0,fd:1", "quiet", `uml_dir=${folder}/`],
  ];
  // Its memory is a file: by itself it finds a folder in memory for that, but TMPDIR would put it on a disk.
  const { TMPDIR: _, ...environment } = process.env;
  const env = { ...environment, ...(preload ? { LD_PRELOAD: preload } : {}) };
  // A group of its own: the kernel runs its processes as processes of ours, which must end with it.
  // And one core: the kernel and its process take turns, and waking the other core costs more than what they do
  // (a lab is up, verified and gone in 31 s, else in 77).
  const child = spawn("taskset", ["--cpu-list", await aCore(), kernel, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
    detached: true,
  });
  let console = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (console += chunk));
  let late = false;
  const end = (): void => killGroup(child.pid);
  const timer = setTimeout(() => {
    late = true;
    end();
  }, timeoutMs);
  process.once("exit", end);
  const over = new Promise<void>((resolve, reject) => {
    child.once("error", reject).once("close", () => resolve());
    // What of it left the group may hold its output open: once it had to be killed, that is not waited for.
    child.once("exit", () => late && resolve());
  });
  try {
    await over;
  } finally {
    clearTimeout(timer);
    process.off("exit", end);
  }
  if (late) {
    const output = await readFile(join(folder, "output"), "utf8").catch(() => "");
    throw new UmlLateError(`user-mode Linux was not done after ${timeoutMs} ms\n${output}\n${console}`);
  }
  return console;
}

/** The last of those that this process may run on. */
async function aCore(): Promise<string> {
  const status = await readFile("/proc/self/status", "utf8");
  return /^Cpus_allowed_list:.*?(\d+)$/m.exec(status)![1]!;
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function findKernel(): Promise<string> {
  for (const folder of (process.env.PATH ?? "/usr/bin").split(delimiter)) {
    const candidate = join(folder, "linux.uml");
    if (
      await access(candidate).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  const what = "linux.uml is not installed: it is the kernel on which the netem fabric is tested";
  throw new UserError("no-uml", what, `apt-get install --no-install-recommends ${packages}`);
}
