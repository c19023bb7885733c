/** What a keeper asks of its containers' engine once for all of them: they are made several at a time. */
import type Dockerode from "dockerode";
import type { Secrets } from "../ssh/secrets.ts";
import { addressText, type EngineAddress } from "./address.ts";
import { openEngine } from "./open-engine.ts";
import { type ImageParts, ownImage, ownParts } from "./own-image.ts";

export type Known = {
  engine: Dockerode;
  /** What it makes control groups with. */
  driver: string;
  /** By processor. */
  ownImages: Map<string, Promise<string>>;
};
const known = new Map<string, Promise<Known>>();

/** A keeper has its engine for as long as it lives. */
export async function knownOf(address: EngineAddress, secrets?: Secrets): Promise<Known> {
  const key = addressText(address);
  const asked =
    known.get(key) ??
    (async () => {
      const { engine } = await openEngine(address, secrets);
      const { CgroupDriver: driver } = (await engine.info()) as { CgroupDriver: string };
      return { engine, driver, ownImages: new Map() };
    })();
  known.set(key, asked);
  asked.catch(() => known.delete(key)); // It may answer the next time.
  return await asked;
}

/** `parts` tells what the image of that processor is made of. */
export async function ownImageOf(
  { engine, ownImages }: Known,
  processor: string = process.arch,
  parts: () => Promise<ImageParts> = ownParts,
): Promise<string> {
  const made = ownImages.get(processor) ?? parts().then((known) => ownImage(engine, known));
  ownImages.set(processor, made);
  made.catch(() => ownImages.delete(processor));
  return await made;
}
