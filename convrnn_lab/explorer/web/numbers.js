// @ts-check
/* How numbers are written and rounded; the cases of tests/web/number_cases.json hold in Python too. */

const MINUS = "−";
const EXPONENT_BELOW = 1e-4; // smaller numbers are written with a power of ten
const GROUPED_FROM = 1000; // larger ones are whole, with commas
const LARGE_CELL = 10_000; // from here on a number does not fit into the cell of a matrix
const SMALL_CELLS = 5; // more columns than this leave no room for a leading zero
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

/** Write NaN and infinity; null for all other values. @param {number} value */
function unusual(value) {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return null;
  return value > 0 ? "∞" : `${MINUS}∞`;
}

/** Write a power of ten as Python does: "4.17e−09". @param {number} value @param {number} significant */
function scientific(value, significant) {
  const [mantissa, exponent] = value.toExponential(significant - 1).split("e");
  const power = Math.abs(Number(exponent)).toString().padStart(2, "0");
  return `${Number(mantissa)}e${Number(exponent) < 0 ? "-" : "+"}${power}`;
}

/** Group the digits in front of the decimal point. @param {string} text of a number */
export const withCommas = (text) => text.replace(/^(-?\d+)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

/** Write a large number without decimal places, with commas. @param {number} value */
function grouped(value) {
  return withCommas(Math.abs(value) < 1e21 ? value.toFixed(0) : BigInt(value).toString());
}

/**
 * Write a value with some significant digits and a real minus sign; halves go away from zero.
 *
 * @param {number} value
 * @param {number} [significant]
 */
export function number(value, significant = 3) {
  const rounded = Number(value.toPrecision(significant));
  let text = unusual(value);
  if (text !== null) return text;
  if (rounded === 0) return "0";
  if (Math.abs(rounded) >= GROUPED_FROM) text = grouped(value);
  else if (Math.abs(rounded) < EXPONENT_BELOW) text = scientific(value, significant);
  else text = String(rounded);
  return text.replaceAll("-", MINUS);
}

/**
 * Write a value into the cell of a small matrix.
 *
 * @param {number} value
 * @param {number} digits decimal places
 * @param {number} columns of the matrix
 */
export function cellText(value, digits, columns) {
  const text = unusual(value);
  if (text !== null) return text;
  if (Math.abs(value) >= LARGE_CELL) return value.toExponential(1).replace("e+", "e").replaceAll("-", MINUS);
  const rounded = Number(value.toFixed(digits));
  const written = (rounded === 0 ? "0" : String(rounded)).replaceAll("-", MINUS);
  return columns > SMALL_CELLS ? written.replace(/^(−?)0\./, "$1.") : written;
}

/**
 * Return what is offered nearest to a wanted value: itself, else the nearest number, the smaller of
 * two that are as near; for a word the first number; without numbers the first of all.
 *
 * @template {string | number | boolean} Token
 * @param {Token} wanted
 * @param {Token[]} offered
 * @returns {Token}
 */
export function nearest(wanted, offered) {
  if (offered.includes(wanted)) return wanted;
  const numbers = offered.filter((token) => NUMBER.test(String(token)));
  if (!numbers.length) return offered[0];
  if (!NUMBER.test(String(wanted))) return numbers[0];
  const distance = (/** @type {Token} */ token) => Math.abs(Number(token) - Number(wanted));
  return numbers.reduce((best, token) => {
    const nearer = distance(token) - distance(best) || Number(token) - Number(best);
    return nearer < 0 ? token : best;
  });
}
