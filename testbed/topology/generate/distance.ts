/** How long packets take between two places on Earth, estimated from their coordinates alone. */

export type Position = { latitude: number; longitude: number };

/** Mean radius of the Earth (IUGG R1); the sphere is within 0.5 % of the ellipsoid. */
const earthRadiusKm = 6371.0088;
/** Light in glass: 2/3 of 299,792.458 km/s. */
const fibreKmPerMs = (299.792458 * 2) / 3;

export function greatCircleKm(from: Position, to: Position): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const latitude = Math.sin(radians(to.latitude - from.latitude) / 2);
  const longitude = Math.sin(radians(to.longitude - from.longitude) / 2);
  const haversine =
    latitude ** 2 + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * longitude ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

/**
 * `inflation` is what detours, amplifiers and routers add: the measured rule of thumb is 2.1 times the
 * line-of-sight time in fibre, and shortest paths through known conduits give 1.3 (Bozkurt et al.,
 * "Dissecting Latency in the Internet's Fiber Infrastructure", 2018, arXiv:1811.10737; pairs in the United States).
 */
export function oneWayMs(from: Position, to: Position, inflation: number, lastMileMs: number): number {
  return (greatCircleKm(from, to) / fibreKmPerMs) * inflation + 2 * lastMileMs;
}
