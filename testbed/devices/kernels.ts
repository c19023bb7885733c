/**
 * Four small programs whose speed stands for a machine: integer, float, memory and JSON work in the same runtime
 * that jobs run in. Their scores are what device classes hold and what calibration compares.
 */

export const kernelNames = ["integer", "float", "memory", "json"] as const;
export type KernelName = (typeof kernelNames)[number];

/** Work per second on one core, each in the unit of its kernel; higher is faster. */
export type Scores = Readonly<Record<KernelName, number>>;

/** Changes whenever a kernel's work changes, so that scores of different work are never compared. */
export const kernelsRevision = 1;

export const kernelUnits: Readonly<Record<KernelName, string>> = {
  integer: "Mround/s",
  float: "kstep/s",
  memory: "MB/s",
  json: "MB/s",
};

type KernelOptions = {
  /** Runs that count; their median is the score. */
  runs?: number;
  /** Work per run. 1 takes about 20 ms on a server core; longer runs average over a CPU quota's periods. */
  scale?: number;
  clocks?: Clocks;
};

type Clocks = { wallMs(): number; cpuMs(): number };

/** The process's CPU clock, not the thread's: the kernel brings that one up to date at its ticks alone, 4 ms apart. */
const realClocks: Clocks = {
  wallMs: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/**
 * `byCpu` counts the time for which the kernels ran: what the core can do, though others use it as well. `byWall`
 * counts all time: what a process gets here and now, less on a busy machine or under a quota.
 */
export type Measured = { byCpu: Scores; byWall: Scores };

/** `work` does `scale` rounds of a fixed amount, and returns a checksum that the same scale always gives. */
type Kernel = { work(scale: number): number; unitsPerRound: number };

/** The optimising compiler needs a few calls before it has settled; measured: the second call is at full speed. */
const warmUpRuns = 3;

export async function runKernels(options: KernelOptions = {}): Promise<Scores> {
  return (await measureKernels(options)).byCpu;
}

export async function measureKernels(options: KernelOptions = {}): Promise<Measured> {
  const { runs = 5, scale = 1, clocks = realClocks } = options;
  const kernels = prepareKernels();
  const byCpu = {} as Record<KernelName, number>;
  const byWall = {} as Record<KernelName, number>;
  for (const name of kernelNames) {
    const speeds = measure(name, kernels[name], runs, scale, clocks);
    byCpu[name] = median(speeds.map(({ cpu }) => cpu));
    byWall[name] = median(speeds.map(({ wall }) => wall));
    // Lets signals and timers through between kernels.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { byCpu, byWall };
}

function measure(name: KernelName, kernel: Kernel, runs: number, scale: number, clocks: Clocks) {
  const first = kernel.work(1);
  for (let run = 1; run < warmUpRuns; run++) check(name, kernel.work(1), first);
  const expected = scale === 1 ? first : kernel.work(scale);
  return Array.from({ length: runs }, () => {
    const wallMs = clocks.wallMs();
    const cpuMs = clocks.cpuMs();
    // The comparison is what keeps the compiler from dropping the work.
    check(name, kernel.work(scale), expected);
    const units = scale * kernel.unitsPerRound * 1000;
    return { cpu: units / (clocks.cpuMs() - cpuMs), wall: units / (clocks.wallMs() - wallMs) };
  });
}

function check(name: KernelName, got: number, expected: number): void {
  if (got !== expected || !Number.isFinite(got)) {
    throw new Error(
      `kernel ${name} computed ${got} where it had computed ${expected}: this machine miscounts`,
    );
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error("the median of no values");
  return sorted.length % 2 === 1 ? upper : (upper + sorted[middle - 1]!) / 2;
}

/** Buffers are made once per call and not per run: allocation is not what the kernels measure. */
export function prepareKernels(): Readonly<Record<KernelName, Kernel>> {
  return { integer: integerKernel(), float: floatKernel(), memory: memoryKernel(), json: jsonKernel() };
}

/** Counts pseudo-random keys in an open-addressing table of 256 KiB: multiply, shift, branch, near memory. */
function integerKernel(): Kernel {
  const slots = 1 << 15;
  const keys = new Int32Array(slots);
  const counts = new Int32Array(slots);
  const roundsPerScale = 1_000_000;
  return {
    unitsPerRound: roundsPerScale / 1e6,
    work(scale) {
      keys.fill(0);
      counts.fill(0);
      let state = 0x2545f491;
      let sum = 0;
      for (let round = 0; round < roundsPerScale * scale; round++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        const key = (state & 0x3fff) + 1;
        let slot = (Math.imul(key, 0x9e3779b1) >>> 17) & (slots - 1);
        while (keys[slot] !== key && keys[slot] !== 0) slot = (slot + 1) & (slots - 1);
        keys[slot] = key;
        counts[slot] = counts[slot]! + 1;
        sum = (sum + slot) | 0;
      }
      return sum;
    },
  };
}

/** Five bodies under gravity: dependent double-precision multiplications, divisions and square roots. */
function floatKernel(): Kernel {
  const bodies = 5;
  const stepsPerScale = 20_000;
  return {
    unitsPerRound: stepsPerScale / 1e3,
    work(scale) {
      const mass = Float64Array.from({ length: bodies }, (_, body) => 1 / (1 + body * body * 40));
      const position = Float64Array.from({ length: bodies * 3 }, (_, axis) => ((axis * 7) % 11) + axis / 4);
      const speed = Float64Array.from({ length: bodies * 3 }, (_, axis) => ((axis * 5) % 7) / 100 - 0.03);
      for (let step = 0; step < stepsPerScale * scale; step++) advance(mass, position, speed, 0.001);
      return position.reduce((sum, value) => sum + value, 0);
    },
  };
}

function advance(mass: Float64Array, position: Float64Array, speed: Float64Array, dt: number): void {
  for (let a = 0; a < mass.length; a++) {
    for (let b = a + 1; b < mass.length; b++) {
      const dx = position[3 * a]! - position[3 * b]!;
      const dy = position[3 * a + 1]! - position[3 * b + 1]!;
      const dz = position[3 * a + 2]! - position[3 * b + 2]!;
      const squared = dx * dx + dy * dy + dz * dz + 0.01;
      const pull = dt / (squared * Math.sqrt(squared));
      const pullA = mass[a]! * pull;
      const pullB = mass[b]! * pull;
      speed[3 * a] = speed[3 * a]! - dx * pullB;
      speed[3 * a + 1] = speed[3 * a + 1]! - dy * pullB;
      speed[3 * a + 2] = speed[3 * a + 2]! - dz * pullB;
      speed[3 * b] = speed[3 * b]! + dx * pullA;
      speed[3 * b + 1] = speed[3 * b + 1]! + dy * pullA;
      speed[3 * b + 2] = speed[3 * b + 2]! + dz * pullA;
    }
  }
  for (let axis = 0; axis < position.length; axis++) position[axis] = position[axis]! + dt * speed[axis]!;
}

/** Copies 32 MiB from one array to another: larger than the caches of every device class. */
function memoryKernel(): Kernel {
  const length = (32 * 1024 * 1024) / 8;
  const from = Float64Array.from({ length }, (_, at) => at);
  const to = new Float64Array(length);
  const copiesPerScale = 3;
  return {
    unitsPerRound: (copiesPerScale * length * 8) / 1e6,
    work(scale) {
      let sum = 0;
      for (let copy = 0; copy < copiesPerScale * scale; copy++) {
        from[0] = copy;
        to.set(from);
        sum += to[0]! + to[length - 1]!;
      }
      return sum;
    },
  };
}

/** Writes and reads back 400 sensor readings as text: short strings, numbers, small objects, collected garbage. */
function jsonKernel(): Kernel {
  const readings = Array.from({ length: 400 }, (_, at) => ({
    sensor: `room-${at % 37}/${at % 11}`,
    timeMs: 1_700_000_000_000 + at * 250,
    values: [at * 0.37, at % 13, -at / 8],
    alarm: at % 9 === 0,
    note: at % 5 === 0 ? null : "calibrated in spring",
  }));
  const bytes = JSON.stringify(readings).length;
  const tripsPerScale = 25;
  return {
    unitsPerRound: (tripsPerScale * bytes) / 1e6,
    work(scale) {
      let sum = 0;
      for (let trip = 0; trip < tripsPerScale * scale; trip++) {
        readings[trip % 400]!.timeMs = 1_700_000_000_000 + trip;
        const text = JSON.stringify(readings);
        const back = JSON.parse(text) as typeof readings;
        sum += back[trip % 400]!.timeMs - 1_700_000_000_000 + text.length;
      }
      return sum;
    },
  };
}
