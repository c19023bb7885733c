/** What a window is, as text that is kept with its state, to be compared with: the same for windows that are the same. */
import type { WindowSpec } from "./window-spec.ts";

export function windowText(spec: WindowSpec): string {
  const offset = "offsetMs" in spec && spec.offsetMs ? `, offset ${spec.offsetMs} ms` : "";
  switch (spec.is) {
    case "tumbling":
      return `tumbling windows of ${spec.sizeMs} ms${offset}`;
    case "sliding":
      return `sliding windows of ${spec.sizeMs} ms every ${spec.slideMs} ms${offset}`;
    case "session":
      return `sessions with a gap of ${spec.gapMs} ms${spec.gapColumn === undefined ? "" : ` or of column ${spec.gapColumn}`}`;
    case "global":
      return "a window for all time";
    case "count":
      return `windows of ${spec.size} records every ${spec.slide ?? spec.size}`;
    case "processing-tumbling":
      return `tumbling windows of ${spec.sizeMs} ms of processing time${offset}`;
    default:
      return spec satisfies never;
  }
}
