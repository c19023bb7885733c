/** What a keeper asks of its containers' engine once for all of them: they are made several at a time. */
import type Dockerode from "dockerode";
import { openEngine } from "./engine.ts";
import { type ImageParts, ownImage, ownParts } from "./own-image.ts";

export type Known = {
  engine: Dockerode;
  /** What it makes control groups with. */
  driver: string;
  /** By processor. */
  ownImages: Map<string, Promise<string>>;
};
const known = new Map<string, Promise<Known>>();

export async function knownOf(socket: string): Promise<Known> {
  const asked =
    known.get(socket) ??
    (async () => {
      const engine = await openEngine(socket);
      const { CgroupDriver: driver } = (await engine.info()) as { CgroupDriver: string };
      return { engine, driver, ownImages: new Map() };
    })();
  known.set(socket, asked);
  asked.catch(() => known.delete(socket)); // It may answer the next time.
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
