// Runs the browser's kernels on cases that a test has written: node run_kernels.mjs MODULES CASES RESULTS
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, cases, results] = process.argv.slice(2);
const kernels = {};
for (const name of readdirSync(modules).filter((each) => /^kernels.*\.js$/.test(each))) {
  Object.assign(kernels, await import(pathToFileURL(join(modules, name))));
}
const TYPES = { float32: Float32Array, float64: Float64Array, bool: Uint8Array };
const numbers = readFileSync(`${cases}.bin`).buffer;

/** Put tensors in place of what describes them. */
function revive(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revive);
  if ("dtype" in value) {
    return { shape: value.shape, data: new TYPES[value.dtype](numbers, value.at, value.shape.reduce((a, b) => a * b, 1)) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each)]));
}

/** List the tensors of an answer by their names. */
function named(value, name = "") {
  if (!value) return [];
  if (value.data) return [[name, value]];
  return Object.entries(value).flatMap(([key, each]) => named(each, name ? `${name}.${key}` : key));
}

const [parts, answers] = [[], []];
let at = 0;
for (const { kernel, given } of JSON.parse(readFileSync(`${cases}.json`, "utf-8"))) {
  try {
    const tensors = named(kernels[kernel](...given.map(revive))).map(([name, { shape, data }]) => {
      parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      at += data.length;
      return [name, { shape, at: at - data.length, type: data.constructor.name }];
    });
    answers.push({ tensors: Object.fromEntries(tensors) });
  } catch (error) {
    answers.push({ refusal: `${error.name}: ${error.message}` });
  }
}
writeFileSync(`${results}.bin`, Buffer.concat(parts));
writeFileSync(`${results}.json`, JSON.stringify(answers));
