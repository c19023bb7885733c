/** `windowed-join`: two sources, their records of equal keys paired within windows, a sink. */
import { defineJob } from "../dataflow/job.ts";
import { sliding, tumbling } from "../dataflow/windows.ts";
import { EngineError } from "../engine-error.ts";
import { type GeneratedNames, generatedSource } from "../sources/generated.ts";
import { generatedBy, generatedSettings, placed } from "./generated-settings.ts";
import { outputSettings, putOut } from "./job-output.ts";

export const job = defineJob({
  name: "windowed-join",
  summary: "two sources → join of equal keys within windows → sink",
  settings: {
    ...generatedSettings,
    window: { kind: "text", default: "tumbling 5s", help: "`tumbling 5s`, or `sliding 10s 5s`" },
    recordWork: { kind: "duration", default: "0us", help: "CPU time that each record costs the join" },
    work: { kind: "duration", default: "0us", help: "CPU time that each result costs" },
    ...outputSettings,
  },
  build(flow, settings) {
    const side = <const Names extends GeneratedNames>(id: string, seed: number, names: Names) =>
      placed(flow.source(generatedSource(generatedBy(settings, seed), names)), id, settings);
    const left = side("left", 1, { key: "key", number: "left", payload: "leftPayload" });
    const right = side("right", 2, { key: "other", number: "right", payload: "rightPayload" });
    const windows = left
      .join(right)
      .where("key")
      .equalTo("other")
      .window(windowOf(settings.window))
      .spin(settings.recordWork);
    // Payloads weigh on links and on state, as in real joins, but results are the same without.
    const pairs = (settings.payload > 0 ? windows.carrying() : windows)
      .select({ left: ["key", "left"], right: ["right"] })
      .id("join")
      .spin(settings.work);
    putOut(pairs, settings).together();
  },
});

function windowOf(text: string) {
  const [kind, size, slide, ...rest] = text.trim().split(/\s+/);
  if (kind === "tumbling" && size !== undefined && slide === undefined) return tumbling(size);
  if (kind === "sliding" && size !== undefined && slide !== undefined && rest.length === 0)
    return sliding(size, slide);
  throw new EngineError(
    "bad-setting",
    `window ${JSON.stringify(text)}: not a window`,
    "`tumbling 5s`, or `sliding 10s 5s`",
    2,
  );
}
