/** How much filler Nexmark adds to an event, so that events of a kind have about a wanted size. */

/** `draw` is the event's nextInt; it is asked at most once, and not at all where no filler fits. */
export function extraLength(
  bytesSoFar: number,
  wantedBytes: number,
  draw: (bound: number) => number,
): number {
  if (bytesSoFar > wantedBytes) return 0;
  const room = wantedBytes - bytesSoFar;
  const spread = Math.round(room * 0.2);
  return room - spread + (spread === 0 ? 0 : draw(2 * spread));
}
