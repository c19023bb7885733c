import type { Identity, LabFolder } from "./lab.ts";
export async function limitNode(_f: LabFolder, _i: Identity, _n: string, _d: string): Promise<void> {}
export async function unlimitNode(_f: LabFolder, _i: Identity, _n: string): Promise<void> {}
export async function removeLimits(_f: LabFolder, _i: Identity): Promise<void> {}
export function joinCommand(_f: LabFolder, _i: Identity, _n: string): string { return ""; }
export function limitUsage(_f: LabFolder, _i: Identity, _n: string): object { return {}; }
