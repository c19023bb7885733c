/** What a plant is made of: the truth about nodes, links and the job, which no model or policy ever sees. */

export type PlantNode = {
  readonly name: string;
  readonly device: string;
  /** Of one core, against 1. */
  readonly speed: number;
  /** Whether models are told the speed. */
  readonly speedIsKnown: boolean;
  readonly slots: number;
  readonly cores: number;
  /**
   * The core is a fast one that the node gets for a part of the time, its speed: then the wall time for which a seat is busy
   * is no measure of its work.
   */
  readonly isHeld?: boolean;
};

/** Between all nodes: workers, those of the sources, the store. */
export type PlantNetwork = {
  rttMs(one: string, other: string): number;
  /** Bits per second; infinite where nothing limits. */
  up(node: string): number;
  down(node: string): number;
};

export type PlantJob = {
  readonly operator: string;
  /** A node for each source subtask, as in `JobFacts`. */
  readonly sources: readonly string[];
  readonly inputs: number;
  /** CPU of a core of speed 1. */
  readonly microsPerRecord: number;
  readonly microsPerResult: number;
  /** Of the operator, whatever flows: CPU of a core of speed 1, as a part of the time. */
  readonly overhead: number;
  readonly bytesPerRecord: number;
  /** One for one, or pairs of equal keys within a tumbling window. */
  readonly results:
    | { readonly each: "record"; readonly ratio: number }
    | { readonly each: "pair"; readonly keys: number; readonly windowMs: number };
  /** The standard deviation of a key group's load, against its mean. */
  readonly skew: number;
  readonly keyGroups: number;
  readonly checkpoints?: {
    readonly everyMs: number;
    readonly mode: "aligned" | "unaligned";
    /** Of keyed state beside what windows hold. */
    readonly stateBytes: number;
    /** What a core of speed 1 freezes in a second, standing still. */
    readonly freezeBytesPerSecond: number;
    readonly store?: string;
  };
  /** What a worker may hold in its input channels, and which part of it is of use. */
  readonly bufferBytes: number;
  readonly usable: number;
  /** What credits wait for beside the round trip. */
  readonly turnMs: number;
  /** What one source subtask can make, in records per second. */
  readonly sourceMax: number;
  /** How long a rescale takes beside moving state. */
  readonly standStillMs: number;
};

/** Standard deviations, relative, each 0 for none. */
export type PlantNoise = {
  /** Of each figure that is observed. */
  readonly metrics: number;
  /** Of CPU cost, wandering over some seconds. */
  readonly cost: number;
  /** Of estimated round trips. */
  readonly rtt: number;
  /** The part of figures that is missing, and that is nonsense: ×10, 0, not a number. */
  readonly missing: number;
  readonly nonsense: number;
};

export type PlantSettings = {
  readonly nodes: readonly PlantNode[];
  readonly network: PlantNetwork;
  readonly job: PlantJob;
  readonly noise: PlantNoise;
  readonly seed: number;
};
