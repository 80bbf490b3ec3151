// @ts-check
/* What elements of a page and of a drawing are made of. In parts: a page without a network has no address in it. */

const STANDARDS = ["http:", "", "www.w3.org"].join("/");

export const SVG = `${STANDARDS}/2000/svg`;

export const XHTML = `${STANDARDS}/1999/xhtml`;
