/** Reads data/cities.tsv: name, country, latitude, longitude; lines with # are comments. */

export type City = { name: string; country: string; latitude: number; longitude: number };

export function parseCities(table: string): City[] {
  return table
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", country = "", latitude = "", longitude = ""] = line.split("\t");
      const city = { name, country, latitude: Number(latitude), longitude: Number(longitude) };
      // The table is ours: a bad line is our mistake, and its test finds it.
      if (!(Math.abs(city.latitude) <= 90 && Math.abs(city.longitude) <= 180 && longitude !== "")) {
        throw new Error(`data/cities.tsv: not a city: ${line}`);
      }
      return city;
    });
}
