// Elements, made without ever reading text as HTML.

/** An element; `on…` are listeners, other properties become attributes unless they are null or false. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const GIST = 80;
const SVG = "http://www.w3.org/2000/svg";

/** A line drawing on a square of 24 by 24. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** The beginning of a message, as it is quoted. */
export function gist({ text = "" }) {
  const line = text.split("\n")[0];
  return line.length > GIST ? `${line.slice(0, GIST)}…` : line;
}

/** Opens an outer link in a tab of its own, which learns nothing of this one. */
export const OUTER = { target: "_blank", rel: "noopener noreferrer" };

/** The address if it is one that may be opened; else null. */
export function webAddress(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && ["http:", "https:"].includes(url.protocol) ? url.href : null;
}
