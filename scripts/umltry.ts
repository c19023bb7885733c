import { runInUml } from "#testbed/network/netem/uml.ts";
const script = `cd /work/main; export BRUME_STATE=/run/bs XDG_CACHE_HOME=/tmp/umlcache BRUME_NO=1
./brume provision ${process.argv[2]} && ./brume inspect && cat /run/bs/labs/*/keeper.log; ./brume verify; ./brume destroy --all; ip -br link`;
const r = await runInUml(script, { timeoutMs: 150_000, memoryMegabytes: 1024 });
console.log(r.status, r.output, r.results);
