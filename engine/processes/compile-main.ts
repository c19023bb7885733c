/** Fills NODE_COMPILE_CACHE on a node with what its workers load, before the first of them is started there. */
import { compile } from "./compile-cache.ts";

const folder = process.env.NODE_COMPILE_CACHE;
if (folder === undefined) throw new Error("NODE_COMPILE_CACHE says where to, and is not set");
await compile(folder);
