/** Which nodes of a lab run a job's coordinator and its workers. Pure. */
import type { TaskPlan } from "#engine/dataflow/plan.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";

type LabNode = Pick<NodeSpec, "name" | "role" | "device" | "cores">;
type WantedTask = Pick<TaskPlan, "name" | "parallelism" | "on">;

/** A worker process. The first on a node is called as the node is. */
export type WorkerPlace = { node: string; name: string; role: string; slots: number };
export type EngineLayout = { coordinator: string; workers: readonly WorkerPlace[] };

const workerRole = "worker";

/**
 * Every node of a role that a task asks for gets workers, whether the job fills them now or after a rescale. `slots` is
 * per node; without it as many as the widest task needs. Without a node of role `coordinator` the first with workers
 * runs the coordinator too.
 */
export function layOut(
  lab: string,
  nodes: readonly LabNode[],
  tasks: readonly WantedTask[],
  slots?: number,
): EngineLayout {
  const roles = [...new Set(tasks.map(roleOf))];
  const workers = roles.flatMap((role) => {
    const own = nodes.filter((node) => node.role === role);
    const widest = tasks
      .filter((task) => roleOf(task) === role)
      .reduce((one, other) => (other.parallelism > one.parallelism ? other : one));
    const each = slots ?? Math.ceil(widest.parallelism / Math.max(1, own.length));
    refuseTooFew(lab, role, own.length, each, widest);
    return own.flatMap((node) => onNode(node, each));
  });
  const coordinator = nodes.find(({ role }) => role === "coordinator")?.name ?? workers[0]!.node;
  return { coordinator, workers };
}

const roleOf = ({ on }: WantedTask): string => on ?? workerRole;

/** A worker is one thread: more cores are used by more of them. */
function onNode({ name, role, device, cores = 1 }: LabNode, slots: number): WorkerPlace[] {
  const processes = device === "none" ? slots : Math.min(slots, cores);
  return Array.from({ length: processes }, (_, index) => ({
    node: name,
    name: index === 0 ? name : `${name}.${index + 1}`,
    role,
    slots: Math.floor((slots + index) / processes),
  }));
}

function refuseTooFew(lab: string, role: string, nodes: number, slots: number, widest: WantedTask): void {
  const { name, parallelism } = widest;
  if (nodes === 0) {
    const what = `task ${name} wants nodes of role ${role}; lab ${lab} has none`;
    throw new UserError("role-lacking", what, `give a node of the topology \`role: ${role}\``, 2);
  }
  if (nodes * slots >= parallelism) return;
  throw new UserError(
    "slots-lacking",
    `task ${name} has ${parallelism} subtasks; lab ${lab} has ${nodes} nodes of role ${role} with ${slots} slots each`,
    `--slots ${Math.ceil(parallelism / nodes)}, more nodes, or less parallelism`,
    2,
  );
}
