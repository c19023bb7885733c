import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDeviceClass } from "./device-class.ts";
import {
  classNameOf,
  describeMachine,
  deviceClassYaml,
  isRaspberryPi,
  type MachineFacts,
} from "./this-device.ts";

const pi4b: MachineFacts = {
  model: "Raspberry Pi 4 Model B Rev 1.4",
  cpu: "Cortex-A72",
  cores: 4,
  clockMHz: 1800,
  memoryBytes: 3981 * 2 ** 20,
  runtime: "Node.js v24.0.0, arm64",
};
const server: MachineFacts = { ...pi4b, cpu: "AMD EPYC 7763 64-Core Processor" };
delete server.model;
delete server.clockMHz;

test("boards with a shipped class are called like it, others by their words", () => {
  const named = (model: string) => classNameOf({ ...pi4b, model });
  assert.equal(named("Raspberry Pi 3 Model B Plus Rev 1.3"), "pi3b");
  assert.equal(named("Raspberry Pi 4 Model B Rev 1.4"), "pi4b");
  assert.equal(named("Raspberry Pi 5 Model B Rev 1.0"), "pi5");
  assert.equal(named("Raspberry Pi Zero 2 W Rev 1.0"), "m-raspberry-pi-zero-2");
  assert.equal(classNameOf(server), "m-amd-epyc-7763-64");
  assert.deepEqual([pi4b, server].map(isRaspberryPi), [true, false]);
});

test("a machine's description is a class file that loads, with every score measured", () => {
  const scores = { integer: 51.23456, float: 2900.1, memory: 2300, json: 44 };
  for (const facts of [pi4b, server]) {
    const described = describeMachine("my-board", facts, scores);
    assert.deepEqual(parseDeviceClass(deviceClassYaml(described), "my-board.yaml"), described);
    assert.equal(described.kernels.integer.score, 51.23);
    assert.equal(described.kernels.float.basis, "measured");
    assert.equal(described.memoryMiB.value, 3981);
  }
});
