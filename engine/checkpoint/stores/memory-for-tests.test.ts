import { MemoryStore } from "./memory-for-tests.ts";
import { storeContract } from "./store-contract-for-tests.ts";

storeContract("memory", async () => new MemoryStore(), { largeBytes: 2 ** 20 });
