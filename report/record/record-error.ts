/**
 * A mistake or a lack that the person can mend: a folder that holds no run, a file that cannot be read or written. The
 * command line prints the message alone, with no stack, and ends with `exitStatus`; any other error is ours.
 */
export class RecordError extends Error {
  /** What code branches on and tests assert; the wording stays free to improve. */
  readonly code: string;
  /** 1: the work failed. 2: what was asked makes no sense. */
  readonly exitStatus: 1 | 2;

  constructor(code: string, what: string, fix: string, exitStatus: 1 | 2 = 2, options?: ErrorOptions) {
    super(fix === "" ? what : `${what}\n  fix: ${fix}`, options);
    this.name = "RecordError";
    this.code = code;
    this.exitStatus = exitStatus;
  }
}
