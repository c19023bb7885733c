/** Takes a container of the machine where this runs away: `remove-main.ts SOCKET CONTAINER`. One that is gone is no error. */
import { removeContainer } from "../lifecycle.ts";
import { openEngine } from "../open-engine.ts";

const [path = "", container = ""] = process.argv.slice(2);
const { engine } = await openEngine({ by: "socket", path });
await removeContainer(engine.getContainer(container));
