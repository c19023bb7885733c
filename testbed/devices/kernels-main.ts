/** The program of kernels-process.ts: runs the kernels, prints what was measured as JSON. */
import { measureKernels } from "./kernels.ts";

const [runs, scale] = process.argv.slice(2).map(Number);
if (runs === undefined || scale === undefined) throw new Error("needs: RUNS SCALE");
process.stdout.write(JSON.stringify(await measureKernels({ runs, scale })));
