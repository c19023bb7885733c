/**
 * A mistake or a lack that the person can mend: in a job, its input, its stores or the machine. The command line
 * prints the message alone, with no stack, and ends with `exitStatus`; any other error is ours and is printed whole.
 */
export class EngineError extends Error {
  /** What code branches on and tests assert; the wording stays free to improve. */
  readonly code: string;
  /** 1: the work failed. 2: what was asked makes no sense. */
  readonly exitStatus: 1 | 2;

  constructor(code: string, what: string, fix: string, exitStatus: 1 | 2 = 1, options?: ErrorOptions) {
    super(fix === "" ? what : `${what}\n  fix: ${fix}`, options);
    this.name = "EngineError";
    this.code = code;
    this.exitStatus = exitStatus;
  }
}
