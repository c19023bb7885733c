/** What doctor says about one thing: whether it is there, and if not, the command that gets it. */

/** `limited`: labs run, but not all that a topology may ask for can be had. */
export type State = "ok" | "limited" | "missing";

export type Finding = {
  what: string;
  state: State;
  detail: string;
  remedy?: string;
  /** Without it no lab can run. */
  essential?: boolean;
};

export function fine(what: string, detail: string): Finding {
  return { what, state: "ok", detail };
}

export function limited(what: string, detail: string, remedy?: string): Finding {
  return { what, state: "limited", detail, ...(remedy === undefined ? {} : { remedy }) };
}

export function missing(what: string, detail: string, remedy: string): Finding {
  return { what, state: "missing", detail, remedy, essential: true };
}

export function labsCanRun(findings: readonly Finding[]): boolean {
  return !findings.some(({ state, essential }) => state === "missing" && essential);
}
