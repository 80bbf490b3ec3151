// @ts-check
/* Round numbers on an axis, in a figure and in the index of a sweep. */

const FACTORS = [1, 2, 5, 10];

/**
 * Return the nice step, 1, 2 or 5 times a power of ten, of which at most so many fit.
 *
 * @param {number} span
 * @param {number} most
 */
export function niceStep(span, most) {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough) + 1e-9);
  return power * (FACTORS.find((step) => step * power >= rough * (1 - 1e-9)) ?? 10);
}

/** Return the multiples of a step inside a range, which may run backwards. @param {[number, number]} range @param {number} step */
export function multiples([from, to], step) {
  const [low, high] = from < to ? [from, to] : [to, from];
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  // Without the noise of binary fractions: 0.3, not 0.30000000000000004.
  return Array.from({ length: Math.max(0, count) }, (_, index) => Number(((first + index) * step).toPrecision(12)) + 0);
}
