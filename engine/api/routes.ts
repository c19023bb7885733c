/** What the API answers, path by path. `openapi.ts` describes each for people and programs; a test holds them together. */
import type { IncomingMessage } from "node:http";
import type { JobControl } from "./job-control.ts";
import { openApi } from "./openapi.ts";
import { prometheusText } from "./prometheus.ts";
import { loadRequest, nothing, readBody, rescaleRequest, savepointRequest } from "./read-body.ts";

export type Answered = { readonly type?: string; readonly text: string };

export type Route = {
  readonly method: "GET" | "POST";
  readonly path: string;
  answer(control: JobControl, request: IncomingMessage): Promise<Answered> | Answered;
};

const json = (value: unknown): Answered => ({ text: `${JSON.stringify(value)}\n` });

/** Those that change something are the POSTs: they want the token. */
export const routes: readonly Route[] = [
  { method: "GET", path: "/openapi.json", answer: () => json(openApi) },
  { method: "GET", path: "/job", answer: (control) => json(control.job()) },
  { method: "GET", path: "/plan", answer: (control) => json(control.plan()) },
  { method: "GET", path: "/workers", answer: (control) => json(control.workers()) },
  { method: "GET", path: "/checkpoints", answer: (control) => json(control.checkpoints()) },
  { method: "GET", path: "/load", answer: (control) => json(control.load()) },
  {
    method: "POST",
    path: "/load",
    answer: async (control, request) => json(await control.setLoad(loadRequest(await readBody(request)))),
  },
  { method: "GET", path: "/metrics.json", answer: (control) => json(control.metrics()) },
  {
    method: "GET",
    path: "/metrics",
    answer: (control) => ({
      type: "text/plain; version=0.0.4; charset=utf-8",
      text: prometheusText(control.metrics()),
    }),
  },
  {
    method: "POST",
    path: "/savepoints",
    answer: async (control, request) =>
      json(await control.savepoint(savepointRequest(await readBody(request)))),
  },
  {
    method: "POST",
    path: "/stop",
    answer: async (control, request) => json(await control.stop(savepointRequest(await readBody(request)))),
  },
  {
    method: "POST",
    path: "/rescale",
    answer: async (control, request) => json(await control.rescale(rescaleRequest(await readBody(request)))),
  },
  {
    method: "POST",
    path: "/cancel",
    answer: async (control, request) => {
      nothing(await readBody(request));
      await control.cancel();
      return json({});
    },
  },
];
