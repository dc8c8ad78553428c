// A message's text with its entities, https://core.telegram.org/bots/api#messageentity.
// Their offsets count UTF-16 units, as JavaScript's strings do.

import { OUTER, el, webAddress } from "./dom.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

/** The nodes of a text; `send` is called with a command that is tapped. */
export function rich(text, entities, send) {
  const inOrder = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return between(0, text.length);

  function between(start, end) {
    const nodes = [];
    let at = start;
    while (inOrder.length > 0 && inOrder[0].offset < end) {
      const entity = inOrder.shift();
      const stop = Math.min(entity.offset + entity.length, end);
      const element = elementOf(entity, text.slice(entity.offset, stop), send);
      element.append(...between(entity.offset, stop));
      nodes.push(text.slice(at, entity.offset), element);
      at = stop;
    }
    nodes.push(text.slice(at, end));
    return nodes;
  }
}

function elementOf(entity, text, send) {
  if (entity.type === "bot_command") return el("button", { type: "button", class: "command", onclick: () => send(text) });
  if (entity.type === "text_link") return link(entity.url);
  if (entity.type === "url") return link(text.includes("://") ? text : `https://${text}`);
  if (entity.type === "spoiler") return spoiler();
  return el(TAGS[entity.type] ?? "span");
}

function link(address) {
  const href = webAddress(address);
  return href === null ? el("span") : el("a", { href, ...OUTER });
}

function spoiler() {
  const hidden = el("button", { type: "button", class: "spoiler", "aria-label": "Hidden text, tap to show" });
  hidden.addEventListener("click", () => {
    hidden.classList.add("shown");
    hidden.removeAttribute("aria-label");
  });
  return hidden;
}
