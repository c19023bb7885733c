/** All models by name, the plainest first. To add one: its file, satisfying `ThroughputModel`, and a row here. */
import { ds2 } from "./ds2.ts";
import { flink } from "./flink.ts";
import { gesscale } from "./gesscale.ts";
import type { MakeModel } from "./model.ts";
import { onlyAlpha } from "./only-alpha.ts";
import { roofline } from "./roofline.ts";

export const models = {
  "only-alpha": onlyAlpha,
  gesscale,
  ds2,
  flink,
  roofline,
} as const satisfies Readonly<Record<string, MakeModel>>;

export type ModelName = keyof typeof models;
