/** All policies by name. To add one: its file, satisfying `Policy`, and a row here. */
import { flink } from "./flink.ts";
import { gesscale } from "./gesscale.ts";
import { ladder } from "./ladder.ts";
import { type ManualStep, manual } from "./manual.ts";
import type { Policy } from "./policy.ts";
import { replacingLost } from "./replacing-lost.ts";
import { roofline } from "./roofline.ts";
import { rooflineDefaults } from "./roofline-settings.ts";
import type { Shares } from "./shares.ts";
import { threshold } from "./threshold.ts";

export type PolicySettings = { readonly shares: Shares; readonly steps: readonly ManualStep[] };

const policies = {
  roofline: ({ shares }: PolicySettings) => roofline({ ...rooflineDefaults, shares }),
  gesscale: () => replacingLost(gesscale()),
  flink: () => replacingLost(flink()),
  threshold: () => replacingLost(threshold()),
  manual: ({ steps, shares }: PolicySettings) => replacingLost(manual(steps, shares)),
  ladder: ({ shares }: PolicySettings) => replacingLost(ladder(shares)),
} satisfies Record<string, (settings: PolicySettings) => Policy>;

export type PolicyName = keyof typeof policies;

export const makePolicy = (name: PolicyName, settings: PolicySettings): Policy => policies[name](settings);
