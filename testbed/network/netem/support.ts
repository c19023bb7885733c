/**
 * Whether this kernel and its tools can be a netem fabric, found out by doing each thing once on a veth pair in a
 * throwaway network namespace: a module list says neither what is built in nor what may be loaded.
 */

/** Runs a command to its end; `status` is null when it could not be started. */
export type RunCommand = (
  argv: readonly string[],
  input: string,
) => Promise<{ status: number | null; stdout: string; stderr: string }>;

/** `core` is in every lab; the others only where the topology asks for them. */
export type Need = "core" | "shared links" | "inner links" | "duplication" | "pair MTU" | "CoDel";

export type Lack = { need: Need; what: string; because: string };

export type NetemSupport = { lacks: readonly Lack[] };

type Trial = { need: Need; what: string; words: string };

const dev = "dev brume0";
const trials: readonly Trial[] = [
  { need: "core", what: "veth interfaces", words: "ip link add name brume0 type veth peer name brume1" },
  {
    need: "core",
    what: "bridges",
    words: "ip link add name brume2 type bridge stp_state 0 mcast_snooping 0",
  },
  {
    need: "core",
    what: "queueing discipline htb",
    words: `tc qdisc add ${dev} root handle 1: htb default 0`,
  },
  { need: "core", what: "htb classes", words: `tc class add ${dev} parent 1: classid 1:1 htb rate 100gbit` },
  {
    need: "core",
    what: "queueing discipline netem",
    words: `tc qdisc add ${dev} parent 1:1 handle 2: netem delay 1000us rate 100gbit`,
  },
  {
    need: "core",
    what: "a queue under netem",
    words: `tc qdisc add ${dev} parent 2:1 handle 3: bfifo limit 30000`,
  },
  { need: "core", what: "classifier fw", words: `tc filter add ${dev} parent 1: protocol all prio 1 fw` },
  { need: "core", what: "ingress filters (clsact)", words: `tc qdisc add ${dev} clsact` },
  {
    need: "core",
    what: "classifier u32 and action skbedit",
    words: `tc filter add ${dev} ingress protocol ip prio 2 u32 match u32 0 0 action skbedit mark 0x11000 continue`,
  },
  {
    need: "CoDel",
    what: "queueing discipline codel",
    words: `tc qdisc replace ${dev} parent 2:1 handle 4: codel limit 100 ecn`,
  },
  {
    need: "shared links",
    what: "queueing discipline fq_codel",
    words: "tc qdisc add dev brume1 root handle 5: fq_codel",
  },
  {
    need: "shared links",
    what: "classifier flow",
    words:
      "tc filter add dev brume1 parent 5: protocol all prio 1 handle 1 flow map key dst and 0x3ff divisor 1024",
  },
  {
    need: "inner links",
    what: "action mirred and matching of marks",
    words: `tc filter add ${dev} ingress protocol ip prio 3 u32 match u32 0 0 match mark 0x11000 0xffffffff action mirred egress redirect dev brume1`,
  },
  {
    need: "duplication",
    what: "action gact with a probability",
    words: `tc filter add ${dev} egress protocol all prio 1 handle 0x11000 fw action gact pass random netrand pipe 100 action skbedit priority 1:1 mark 0xd action mirred egress mirror ${dev}`,
  },
  {
    need: "pair MTU",
    what: "action police",
    words: `tc filter add ${dev} egress protocol all prio 1 handle 0x11001 fw action police rate 100gbit burst 100mb mtu 1000 conform-exceed drop/pipe`,
  },
];

/** `asRoot`: an ordinary user's lab lives in a user namespace, and so does the trial. */
export async function netemSupport(run: RunCommand, asRoot: boolean): Promise<NetemSupport> {
  const script = trials
    .map(({ words }, index) => `said=$(${words} 2>&1); echo "${index} $?" $said`)
    .join("\n");
  const enter = ["unshare", ...(asRoot ? ["-n"] : ["-U", "-r", "-n"]), "sh", "-s"];
  const { status, stdout, stderr } = await run(enter, script);
  if (status !== 0) {
    const because = stderr.trim() || `${enter.slice(0, -2).join(" ")} did not run`;
    return { lacks: [{ need: "core", what: "network namespaces", because }] };
  }
  const answers = new Map(stdout.split("\n").map((line) => readAnswer(line)));
  return {
    lacks: trials.flatMap(({ need, what }, index) => {
      const answer = answers.get(index);
      return answer?.status === 0 ? [] : [{ need, what, because: answer?.said || "no answer" }];
    }),
  };
}

function readAnswer(line: string): [number, { status: number; said: string }] {
  const [index, status, ...said] = line.split(" ");
  return [
    Number(index || -1),
    {
      status: Number(status),
      said: said.join(" ").replace(/\.? ?We have an error talking to the kernel$/, ""),
    },
  ];
}
