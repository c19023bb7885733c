/** The API's description, served at /openapi.json. The routes themselves are in routes.ts. */

const answer = (description: string, schema: object = { type: "object" }) => ({
  description,
  content: { "application/json": { schema } },
});

const failure = (description: string) => answer(description, { $ref: "#/components/schemas/Failure" });

const read = (summary: string, description: string) => ({
  summary,
  responses: { 200: answer(description), 405: failure("Another method") },
});

const change = (summary: string, body: string | undefined, description: string, result: object) => ({
  summary,
  security: [{ token: [] }],
  ...(body === undefined
    ? {}
    : {
        requestBody: {
          required: false,
          content: { "application/json": { schema: { $ref: `#/components/schemas/${body}` } } },
        },
      }),
  responses: {
    200: answer(description, result),
    400: failure("The request makes no sense; nothing was done"),
    401: failure("The token is missing or another one"),
    409: failure("Not in the state that the job is in, or it failed; the message says which"),
    413: failure("The body is too large"),
  },
});

const perOperator = (values: object, description: string) => ({
  type: "object",
  description,
  additionalProperties: values,
});
const wholeFrom = (minimum: number) => ({ type: "integer", minimum, maximum: 32_768 });
const modeSchema = { type: "string", enum: ["aligned", "unaligned"] };
const savepointSchema = {
  type: "object",
  required: ["savepoint"],
  properties: { savepoint: { type: "string", description: "Its manifest's name in the store" } },
};

export const openApi = {
  openapi: "3.1.0",
  info: {
    title: "brume coordinator",
    version: "1",
    description: "One job: how it is, what it does, and changes to it. Times are in milliseconds.",
  },
  paths: {
    "/openapi.json": { get: read("This document", "OpenAPI 3.1") },
    "/job": { get: read("The job and its state", "Name, state, parallelism, attempts, the last failure") },
    "/plan": { get: read("Tasks, operators and edges", "The physical plan") },
    "/workers": { get: read("The workers that are connected", "Name, address, slots, role") },
    "/checkpoints": { get: read("Checkpoints and savepoints", "What is kept, and the last ones' figures") },
    "/metrics.json": { get: read("Metrics", "By worker, task, subtask and operator") },
    "/metrics": {
      get: {
        summary: "Metrics for Prometheus",
        responses: {
          200: {
            description: "Text format 0.0.4",
            content: { "text/plain": { schema: { type: "string" } } },
          },
          405: failure("Another method"),
        },
      },
    },
    "/savepoints": {
      post: change("Take a savepoint; the job runs on", "Savepoint", "It is complete", savepointSchema),
    },
    "/stop": {
      post: change("Stop the job with a savepoint", "Savepoint", "It has stopped", savepointSchema),
    },
    "/rescale": {
      post: change("Change parallelism, placement or key groups", "Rescale", "How long each part took", {
        $ref: "#/components/schemas/RescaleReport",
      }),
    },
    "/load": {
      get: read("The load of sources that take one", "What is in force, and how far the sources are"),
      post: change("Change the load", "Load", "It is in force", { $ref: "#/components/schemas/LoadReport" }),
    },
    "/cancel": {
      post: change("End the job without a savepoint", undefined, "It is cancelled", { type: "object" }),
    },
  },
  components: {
    securitySchemes: { token: { type: "http", scheme: "bearer" } },
    schemas: {
      Failure: {
        type: "object",
        required: ["error"],
        properties: {
          error: {
            type: "object",
            required: ["code", "message"],
            properties: { code: { type: "string" }, message: { type: "string" } },
          },
        },
      },
      Savepoint: { type: "object", additionalProperties: false, properties: { mode: modeSchema } },
      Rescale: {
        type: "object",
        additionalProperties: false,
        properties: {
          parallelism: wholeFrom(1),
          parallelismOf: perOperator(wholeFrom(1), "Of single operators, by id"),
          mode: modeSchema,
          weights: perOperator(
            { type: "array", items: { type: "number", exclusiveMinimum: 0 } },
            "Shares of key groups by operator id, one for each subtask",
          ),
          keyGroups: perOperator(
            { type: "array", items: wholeFrom(0) },
            "The subtask of each key group by operator id",
          ),
          placement: perOperator(
            { type: "array", items: { type: "string" } },
            "A worker for each subtask, by operator id",
          ),
        },
      },
      Load: {
        type: "object",
        additionalProperties: false,
        required: ["steps"],
        properties: {
          steps: {
            type: "array",
            minItems: 1,
            description: "One after the other, from now on; the last one lasts for ever",
            items: {
              type: "object",
              additionalProperties: false,
              required: ["ratePerSecond"],
              properties: {
                ratePerSecond: {
                  type: "number",
                  minimum: 0,
                  description: "Of each source operator, all its subtasks together",
                },
                forMs: { type: "number", minimum: 0 },
              },
            },
          },
          fresh: { type: "boolean", description: "Forget what is overdue; otherwise it stays due" },
        },
      },
      LoadReport: {
        type: "object",
        properties: {
          ratePerSecond: { type: "number", description: "In force now" },
          anchors: { type: "array", items: { type: "object" }, description: "From which moment on what" },
          positions: perOperator({ type: "number" }, "How far each source was when last heard"),
        },
      },
      RescaleReport: {
        type: "object",
        properties: {
          outcome: { type: "string", enum: ["done", "returned", "failed"] },
          because: { type: "string" },
          checkpoint: { type: "string" },
          from: { type: "object" },
          to: { type: "object" },
          savepointMs: { type: "number" },
          stopMs: { type: "number" },
          deployMs: { type: "number" },
          standStillMs: { type: "number" },
        },
      },
    },
  },
};
