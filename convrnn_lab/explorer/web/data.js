// @ts-check
/* States as they travel: arrays beside JSON, and what differs from a base. */

/**
 * @typedef {string | number | boolean} Token a control's value as kernel and browser know it
 * @typedef {[(string | number)[], any]} Change a place in the base, and the value there; null for none
 * @typedef {{patch?: Change[], refusal?: string, bug?: string, bytes: number}} State
 */

/** @type {Record<string, any>} */
const TYPES = {
  float32: Float32Array, float64: Float64Array, int32: Int32Array, int16: Int16Array,
  int8: Int8Array, uint32: Uint32Array, uint16: Uint16Array, uint8: Uint8Array, bool: Uint8Array,
};

/** @param {any} value */
const isPlain = (value) => value !== null && typeof value === "object" && !ArrayBuffer.isView(value);

/**
 * Put arrays in the places that refer to them; those of two axes become arrays of rows.
 *
 * @param {any} value
 * @param {ArrayBuffer[]} buffers
 * @returns {any}
 */
export function revive(value, buffers) {
  if (Array.isArray(value)) return value.map((each) => revive(each, buffers));
  if (!isPlain(value)) return value;
  if (Array.isArray(value.look)) return { look: revivedIn(value.look, buffers) };
  if ("array" in value && "dtype" in value) {
    const flat = new TYPES[value.dtype](buffers[value.array]);
    if (value.shape.length < 2) return flat;
    const width = value.shape[1];
    return Array.from({ length: value.shape[0] }, (_, row) => flat.subarray(row * width, (row + 1) * width));
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each, buffers)]));
}

/**
 * Put arrays in their places in a look, which has those of any number of axes.
 *
 * @param {any} value
 * @param {ArrayBuffer[]} buffers
 * @returns {any}
 */
function revivedIn(value, buffers) {
  if (Array.isArray(value)) return value.map((each) => revivedIn(each, buffers));
  if (isPlain(value) && "array" in value) return { shape: value.shape, data: new TYPES[value.dtype](buffers[value.array]) };
  return revive(value, buffers);
}

/** Copy what may be changed later; the bytes of arrays are shared. @param {any} value @returns {any} */
function clone(value) {
  if (Array.isArray(value)) return ArrayBuffer.isView(value[0]) ? value : value.map(clone);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, clone(each)]));
}

/** Say whether two values hold the same, arrays too. @param {any} a @param {any} b @returns {boolean} */
export function same(a, b) {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (ArrayBuffer.isView(a)) {
    const [one, other] = /** @type {any[]} */ ([a, b]);
    if (one.length !== other.length) return false;
    for (let index = 0; index < one.length; index += 1) if (!Object.is(one[index], other[index])) return false;
    return true;
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

/**
 * Return `base` with the leaves of `patch` in place; `base` stays as it is.
 *
 * @param {any} base
 * @param {Change[]} patch
 */
export function patched(base, patch) {
  const result = clone(base);
  for (const [path, value] of patch) {
    let place = result;
    for (const key of path.slice(0, -1)) place = place[key] ??= {};
    const last = path[path.length - 1];
    if (value === null) delete place[last];
    else place[last] = clone(value);
  }
  return result;
}

/** Return the bytes that gzip packed. @param {BlobPart} bytes */
export async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** Undo the grouping of bytes by their place in a number, which lets them compress better.
 *
 * @param {Uint8Array} bytes
 * @param {number} width bytes of one number
 */
export function ungrouped(bytes, width) {
  const length = bytes.length / width;
  const result = new Uint8Array(bytes.length);
  for (let place = 0; place < width; place += 1) {
    for (let index = 0; index < length; index += 1) result[index * width + place] = bytes[place * length + index];
  }
  return result.buffer;
}

/**
 * Take a page's states apart: the length of a JSON header, the header, and the arrays.
 *
 * @param {ArrayBuffer} bytes
 * @returns {{content: any, buffers: ArrayBuffer[]}}
 */
export function unpacked(bytes) {
  const length = new DataView(bytes).getUint32(0, true);
  const content = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  let offset = 4 + length;
  const buffers = content.buffers.map((/** @type {[number, number]} */ [size, width]) => {
    offset += size;
    return ungrouped(new Uint8Array(bytes, offset - size, size), width);
  });
  return { content, buffers };
}

/** The bytes of a text in base 64. @param {string} text */
export const bytesOfText = (text) => Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));

/** The bytes that a message brought, as a buffer of their own. @param {any} buffer @returns {ArrayBuffer} */
export const bytesOf = (buffer) => (buffer.buffer
  ? buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)
  : buffer);

/**
 * Return plotly.js, loaded once per page from the bytes that `fetch` brings.
 *
 * @param {() => BlobPart | Promise<BlobPart>} fetch
 * @returns {Promise<any>}
 */
export function plotly(fetch) {
  const name = Symbol.for("convrnn_lab.plotly");
  /** @type {any} */
  const page = globalThis;
  page[name] ??= (async () => {
    const source = new TextDecoder().decode(await gunzip(await fetch()));
    // Run as a module of its own, so that neither a loader nor another plotly on the page minds.
    const module = { exports: {} };
    new Function("module", "exports", "define", source)(module, module.exports, undefined);
    return module.exports;
  })();
  return page[name];
}

/** States of a live explorer; the least recently used go when they take too much. */
export class Table {
  /** @param {number} limit bytes that the states may take */
  constructor(limit) {
    this.limit = limit;
    /** @type {Map<string, State>} */
    this.states = new Map();
    this.bytes = 0;
  }

  /** @param {string} key */
  find(key) {
    const state = this.states.get(key);
    if (state) {
      this.states.delete(key);
      this.states.set(key, state);
    }
    return state;
  }

  /** @param {string} key @param {State} state */
  add(key, state) {
    this.remove(key);
    this.states.set(key, state);
    this.bytes += state.bytes;
    for (const oldest of this.states.keys()) {
      if (this.bytes <= this.limit || oldest === key) break;
      this.remove(oldest);
    }
  }

  /** @param {string} key */
  remove(key) {
    this.bytes -= this.states.get(key)?.bytes ?? 0;
    this.states.delete(key);
  }

  clear() {
    this.states.clear();
    this.bytes = 0;
  }
}
