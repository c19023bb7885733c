/** The program of kernels-process.ts: runs the kernels, prints the scores as JSON. */
import { runKernels } from "./kernels.ts";

const [runs, scale] = process.argv.slice(2).map(Number);
if (runs === undefined || scale === undefined) throw new Error("needs: RUNS SCALE");
process.stdout.write(JSON.stringify(await runKernels({ runs, scale })));
