// One message: its bubble, and the keyboard under it.

import { OUTER, el, gist, icon, webAddress } from "./dom.js";
import { rich } from "./entities.js";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const REPLY = "M10 8V4l-7 7 7 7v-4c5 0 8 1.5 11 5-1-6-4-11-11-11z";
const GIVE_UP_MS = 15000; // Telegram waits as long for the answer to a tap

/**
 * A message as `reader` sees it, by id; in a group with `names` of who wrote it.
 * `act` can `send(text)`, `reply(message)`, `tap(message, data)` and `tell(text)`.
 */
export class Bubble {
  constructor(message, act, { reader, names }) {
    this.act = act;
    this.pressed = null;
    this.outgoing = message.from?.id === reader;
    this.author = names && !this.outgoing ? message.from?.first_name : null;
    this.element = el("li", { class: `message ${this.outgoing ? "out" : "in"}` });
    this.show(message);
  }

  /** Show the message, or what has become of it; whoever has its button in focus keeps it. */
  show(message) {
    const focused = [...this.element.querySelectorAll(".key")].indexOf(document.activeElement);
    this.message = message;
    const keyboard = message.reply_markup?.inline_keyboard;
    this.element.replaceChildren(this.bubble(), ...(keyboard ? [this.keyboard(keyboard)] : []));
    if (focused >= 0) this.element.querySelectorAll(".key")[focused]?.focus({ preventScroll: true });
  }

  /** The bot has answered a tap. */
  answered() {
    clearTimeout(this.timer);
    this.pressed = null;
    for (const key of this.element.querySelectorAll(".busy")) setBusy(key, false);
  }

  bubble() {
    const { document: file, caption = "", entities, date } = this.message;
    const { text = file ? `📄 ${file.file_name}\n${caption}` : "(chose a channel)" } = this.message;
    const at = el("time", { datetime: new Date(date * 1000).toISOString() }, TIME.format(date * 1000));
    const ticks = this.outgoing ? el("span", { class: "ticks", role: "img", "aria-label": "Sent" }, "✓✓") : null;
    const meta = el("span", { class: "meta" }, at, ticks);
    const body = el("div", { class: "text", dir: "auto" }, ...rich(text, entities, this.act.send));
    const { reply_to_message: replied, link_preview_options: options } = this.message;
    const author = this.author ? el("strong", { class: "author" }, this.author) : null;
    const quote = replied ? el("div", { class: "quote", dir: "auto" }, gist(replied)) : null;
    const picture = this.picture(options);
    const above = picture && options.show_above_text;
    const reply = el("button", { type: "button", class: "reply", "aria-label": "Reply", title: "Reply", onclick: () => this.act.reply(this.message) }, icon(REPLY));
    return el("div", { class: "bubble" }, author, quote, above ? picture : null, body, above ? null : picture, meta, reply);
  }

  /** The picture that the message's link preview shows; an edited message keeps the one that is there. */
  picture(options) {
    const address = options?.url && !options.is_disabled ? webAddress(options.url) : null;
    if (address === null || address === undefined) return null;
    if (this.shown?.src !== address) {
      this.shown = el("img", { src: address, alt: "", onerror: (event) => event.target.remove() });
    }
    this.shown.className = options.prefer_small_media ? "picture small" : "picture";
    return this.shown;
  }

  keyboard(rows) {
    const shown = rows.map((row) => el("div", { class: "row" }, ...row.map((button) => this.key(button))));
    return el("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, ...shown);
  }

  key(button) {
    const href = button.url && webAddress(button.url);
    if (href) return el("a", { class: "key outer", href, ...OUTER }, button.text);
    const key = el("button", { type: "button", class: "key" }, button.text);
    key.addEventListener("click", () => this.press(button, key));
    setBusy(key, button.callback_data !== undefined && button.callback_data === this.pressed);
    return key;
  }

  async press(button, key) {
    if (button.callback_data === undefined) {
      this.act.tell("This stand-in for Telegram does not know this kind of button.");
    } else if (this.pressed === null) {
      this.pressed = button.callback_data;
      setBusy(key, true);
      this.timer = setTimeout(() => this.answered(), GIVE_UP_MS);
      if (!(await this.act.tap(this.message, button.callback_data))) this.answered();
    }
  }
}

function setBusy(key, busy) {
  key.classList.toggle("busy", busy);
  key.toggleAttribute("aria-busy", busy);
}
