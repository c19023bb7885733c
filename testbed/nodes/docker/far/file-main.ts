/**
 * Files of a container on the machine where this runs: `file-main.ts SOCKET CONTAINER NODE VERB PATH [MODE BYTES]`, with
 * a file's content on the standard input, or behind the answer on the standard output.
 */
import { buffer } from "node:stream/consumers";
import { withOpened } from "#testbed/linux/open-in-root.ts";
import { UserError } from "#testbed/user-error.ts";
import { getFrom, openFolder, putInto } from "../files.ts";
import { goOn, refuse } from "./answer.ts";
import { reach } from "./reach.ts";

const [socket = "", container = "", node = "", verb, path = "", mode, bytes] = process.argv.slice(2);

try {
  await reach({ socket, container, node }, async ({ root }) => {
    if (verb === "get") {
      const content = await getFrom(root, path);
      goOn();
      await new Promise((resolve) => process.stdout.write(content, resolve));
    } else if (verb === "folder") {
      await withOpened(openFolder(root, path), () => goOn());
    } else {
      const content = await buffer(process.stdin);
      // A link that was lost ends it early.
      if (content.length !== Number(bytes)) throw new UserError("ssh-lost", "it did not arrive whole", "");
      await putInto(root, { path, content: { bytes: content }, mode: Number(mode) });
      goOn();
    }
  });
} catch (error) {
  refuse(error);
}
