/** The parts that we use of the npm package vivaldi-coordinates, which brings no types of its own. */
declare module "vivaldi-coordinates" {
  export type Position = {
    getCoordinates(): HeightCoordinates;
    getErrorEstimate(): number;
    /** False: refused. */
    update(rttMs: number, peer: HeightCoordinates, peerError: number): boolean;
  };
  export class HeightCoordinates {
    constructor(x: number, y: number, height: number);
    readonly x: number;
    readonly y: number;
    readonly h: number;
    distance(other: HeightCoordinates): number;
  }
  const vivaldi: { create(): Position; HeightCoordinates: typeof HeightCoordinates };
  export default vivaldi;
}
