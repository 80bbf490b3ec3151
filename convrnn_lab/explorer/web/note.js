// @ts-check
/* The line under a live figure, and under live questions, for a notebook that is opened without its kernel. */

/** Hide it: what stands beside it is awake. It is there only once that is on the page. @param {Element} el */
export function hideNote(el) {
  const seen = new IntersectionObserver(() => {
    if (!el.isConnected) return;
    seen.disconnect();
    for (const note of el.closest(".jp-OutputArea")?.querySelectorAll(".convrnn-lab-asleep") ?? []) {
      /** @type {HTMLElement} */ (note.closest(".jp-OutputArea-child") ?? note).style.display = "none";
    }
  });
  seen.observe(el);
}
