// @ts-check
/* What a reader gave, as the letters of a link: numbers as they are written, pictures in 256 steps. */

import { shortest } from "./looks.js";

/** @typedef {import("./kernels_tensor.js").Tensor} Tensor */
/** @typedef {import("./editing.js").Gives} Gives */

const GREYS = 255; // of a picture, from its lowest value to its highest
const BEYOND = 1e38; // as for a weight that is typed
const WRITTEN = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;

/** Say whether a reader gave numbers: the rest are pictures. @param {Gives} gives */
const hasNumbers = ({ by }) => by === "numbers" || by === "pen" || by === "line";

/**
 * Write an array so that nothing in it has to be escaped in an address.
 *
 * @param {Tensor} array
 * @param {Gives} gives how a reader gave it
 */
export function asLetters({ shape, data }, gives) {
  const numbers = Array.from(data);
  if (hasNumbers(gives)) return [shape.join("x"), ...numbers.map(shortest)].join("_");
  const { low = 0, high = 1 } = gives;
  const step = (/** @type {number} */ value) => Math.max(0, Math.min(GREYS, Math.round((GREYS * (value - low)) / (high - low || 1))));
  const letters = btoa(numbers.map((value) => String.fromCharCode(step(value))).join(""));
  return `${shape.join("x")}_${letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/**
 * Return the array that was written; null where the letters say none of this shape.
 *
 * @param {string} letters
 * @param {Gives} gives
 * @param {number[]} shape
 * @returns {Tensor | null}
 */
export function fromLetters(letters, gives, shape) {
  if (gives.by === "line") return lineFrom(letters, gives);
  const head = `${shape.join("x")}_`;
  if (!letters.startsWith(head)) return null;
  const rest = letters.slice(head.length);
  const numbers = hasNumbers(gives) ? numbersOf(rest) : greysOf(rest, gives);
  const count = shape.reduce((product, side) => product * side, 1);
  return numbers?.length === count ? { shape, data: Float32Array.from(numbers) } : null;
}

/** A line may be of any length up to the longest. @param {string} letters @param {Gives} gives @returns {Tensor | null} */
function lineFrom(letters, { alphabet = "", most = 0 }) {
  const [count, ...codes] = numbersOf(letters) ?? [0];
  const known = codes.every((code) => Number.isInteger(code) && code >= 0 && code < alphabet.length);
  return known && count === codes.length && count > 0 && count <= most ? { shape: [count], data: Float32Array.from(codes) } : null;
}

/** @param {string} letters */
function numbersOf(letters) {
  const texts = letters.split("_");
  const numbers = texts.map(Number);
  return texts.every((text) => WRITTEN.test(text)) && numbers.every((value) => Math.abs(value) < BEYOND) ? numbers : null;
}

/** @param {string} letters @param {Gives} gives */
function greysOf(letters, { low = 0, high = 1 }) {
  try {
    const bytes = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
    return Array.from(bytes, (byte) => low + ((high - low) * byte.charCodeAt(0)) / GREYS);
  } catch { // no letters of this kind
    return null;
  }
}
