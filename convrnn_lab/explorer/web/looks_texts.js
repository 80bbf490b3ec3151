// @ts-check
/* Texts of numbers that are looked at; the same as drawing/look_texts.py in Python. */

import { number } from "./numbers.js";
import { TYPED } from "./typed_looks.js";

const POWERS_FROM = 1e6; // larger numbers are written with a power of ten
const SIGN = "−";

/** Write a number; a very large one with its power of ten. @param {number} value */
function withPower(value) {
  if (!Number.isFinite(value) || Math.abs(value) < POWERS_FROM) return number(value);
  const [mantissa, exponent] = value.toExponential(2).split("e+");
  return `${mantissa}e${exponent.padStart(2, "0")}`.replaceAll("-", SIGN);
}

/** Write a sum, as in "0.31 + 0.1 − 0.52". @param {number[]} terms */
const addedUp = (terms) => terms.map(withPower).reduce((text, term) => (
  text + (term.startsWith(SIGN) ? ` ${SIGN} ${term.slice(1)}` : ` + ${term}`)
));

/** Write a sum and what a gate makes of it. @param {string} name @param {{data: number[]}} row */
function bent(name, { data }) {
  const terms = Array.from(data);
  return `${name}(${addedUp(terms.slice(0, -2))}) = ${withPower(terms[terms.length - 1])}`;
}

/** Write a number as a factor: a negative one in brackets. @param {number} value */
function asFactor(value) {
  const text = withPower(value);
  return text.startsWith(SIGN) ? `(${text})` : text;
}

/** Return some letters of a text. @param {string} text @param {number} start @param {number} stop */
const lettersOf = (text, start, stop) => Array.from(text).slice(Math.max(start, 0), Math.max(stop, 0)).join("");

/** @type {Record<string, (...values: any[]) => any>} */
export const TEXTS = { bent, written: withPower, added: addedUp, factor: asFactor, letters: lettersOf, ...TYPED };
