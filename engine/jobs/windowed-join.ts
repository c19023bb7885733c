/** `windowed-join`: two sources, their records of equal keys paired within windows, a sink. */
import { defineJob } from "../dataflow/job.ts";
import { sliding, tumbling } from "../dataflow/windows.ts";
import { EngineError } from "../engine-error.ts";
import { generatedSource } from "../sources/generated.ts";
import { generatedBy, generatedSettings } from "./generated-settings.ts";
import { outputSettings, putOut } from "./job-output.ts";

export const job = defineJob({
  name: "windowed-join",
  summary: "two sources → join of equal keys within windows → sink",
  settings: {
    ...generatedSettings,
    window: { kind: "text", default: "tumbling 5s", help: "`tumbling 5s`, or `sliding 10s 5s`" },
    work: { kind: "duration", default: "0us", help: "CPU time that each result costs" },
    ...outputSettings,
  },
  build(flow, settings) {
    const left = flow
      .source(generatedSource(generatedBy(settings, 1)))
      .selectAs({ key: "key", left: "number" });
    const right = flow
      .source(generatedSource(generatedBy(settings, 2)))
      .selectAs({ other: "key", right: "number" });
    const pairs = left
      .join(right)
      .where("key")
      .equalTo("other")
      .window(windowOf(settings.window))
      .select({ left: ["key", "left"], right: ["right"] })
      .id("join")
      .spin(settings.work);
    putOut(pairs, settings);
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
