/** The main output of a user's function and those beside it, with the event time and due time of what sets them off. */
import type { Schema } from "../../records/schema.ts";
import { type EmitterEnd, emitterOf } from "../emitter.ts";
import type { OperatorContext } from "../operator.ts";

export type SideSchemas = Readonly<Record<string, Schema>>;

export class FunctionOutputs {
  readonly main: EmitterEnd;
  readonly #sides: ReadonlyMap<string, EmitterEnd>;

  constructor(output: Schema, sides: SideSchemas, context: Pick<OperatorContext, "out" | "side">) {
    this.main = emitterOf(output, context.out);
    this.#sides = new Map(
      Object.entries(sides).map(([name, schema]) => [name, emitterOf(schema, context.side(name))]),
    );
  }

  side(name: string): EmitterEnd {
    const side = this.#sides.get(name);
    if (side === undefined) {
      const names = [...this.#sides.keys()].join(", ");
      throw new RangeError(
        `there is no side output ${JSON.stringify(name)}; declared are: ${names || "none"}`,
      );
    }
    side.timeMs = this.main.timeMs;
    return side;
  }

  begin(dueMs: number): void {
    this.main.dueMs = dueMs;
    for (const side of this.#sides.values()) side.dueMs = dueMs;
  }

  end(): void {
    this.main.flush();
    for (const side of this.#sides.values()) side.flush();
  }
}
