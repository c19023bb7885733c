/** What a newcomer is told of a run while it goes on: what is asked, what is predicted, what is done about it and why. Pure. */
import type { Prediction } from "#autoscaler/models/model.ts";
import type { RecordedLine } from "#lab/records/run-record.ts";
import { clock, short } from "./run-progress.ts";

const phases: Readonly<Record<string, string>> = {
  provision: "nodes: namespaces with slow links between them, as weak as a Raspberry Pi 3",
  verify: "links: measured, and compared with what the file asks",
  coordinates: "distances: each node places itself among the others by timing some of them",
  run: "load: begins, and rises",
  "tear-down": "over: everything is taken away again",
};

export class DemoStory {
  /** Of the policy's last word, without its figures: only a new thought is worth a line. */
  #thought = "";
  #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  /** Undefined: nothing that a newcomer has to know. */
  tell(recorded: RecordedLine): string | undefined {
    const said = this.#said(recorded);
    return said === undefined ? undefined : `  ${clock(recorded.line.t)}  ${said}`;
  }

  #said(recorded: RecordedLine): string | undefined {
    if (recorded.file === "events") return this.#event(recorded.line.event, recorded.line.text);
    if (recorded.file !== "decisions") return undefined;
    const { line } = recorded;
    if (line.is === "outcome") {
      this.#thought = "";
      const still =
        line.standStillMs === undefined ? "" : `; the job stood still for ${line.standStillMs.toFixed(0)} ms`;
      return `  ${line.outcome}: runs on ${line.to.seats.map(seatText).join(", ")}${still}`;
    }
    if (line.is !== "tick") return undefined;
    const { decision } = line;
    if (decision.do === "rescale") {
      const foreseen = decision.predicted === undefined ? "" : `; predicted ${range(decision.predicted)}`;
      return `decides: ${decision.because}${foreseen}`;
    }
    const thought = decision.because.replace(/[\d.]+/g, "");
    if (thought === this.#thought || line.state !== "observing") return undefined;
    this.#thought = thought;
    const now = line.predictions?.[this.#model];
    const binds = now?.binds === undefined ? "" : `; tightest: ${now.binds.text}`;
    return `stays:   ${decision.because}${binds}`;
  }

  #event(event: string, text: string): string | undefined {
    if (event === "phase") {
      if (text.startsWith("start on "))
        return `job: starts on ${text.slice("start on ".length)}, the nearest to its source`;
      return phases[text];
    }
    return event === "warning" ? `note: ${text}` : undefined;
  }
}

const seatText = ({ node, share }: { node: string; share: number }): string =>
  `${node} (${Math.round(share * 100)} %)`;

const range = ({ mst, low, high }: Prediction): string => `${short(mst)}/s (${short(low)} to ${short(high)})`;
