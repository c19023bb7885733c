/**
 * A mistake or a lack that the person can mend. The command line prints the message alone, with no stack, and
 * ends with `exitStatus`; any other error is ours and is printed whole.
 */
export class UserError extends Error {
  /** What code branches on and tests assert; the wording stays free to improve. */
  readonly code: string;
  readonly exitStatus: 1 | 2;

  constructor(code: string, what: string, fix: string, exitStatus: 1 | 2 = 1, options?: ErrorOptions) {
    super(fix === "" ? what : `${what}\n  fix: ${fix}`, options);
    this.name = "UserError";
    this.code = code;
    this.exitStatus = exitStatus;
  }
}
