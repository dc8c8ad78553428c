// Where a reader writes: the field, the menu of commands, suggestions, what is replied to, and START.

import { el, gist, icon } from "./dom.js";

const SEND = "M4 12l16-8-5 16-3.5-6.5z";

export class Composer {
  /**
   * `commands` are the bot's; `send` takes what is written, with the message that it replies to, and says whether it
   * arrived, `share` what a button below the field says. `payload` is what a deep link into this chat carries; only
   * a chat that `starts` has a START.
   */
  constructor({ id, reader, commands, suggestions, payload, starts, send, share }) {
    Object.assign(this, { commands, suggestions, payload, starts, send, share, matching: [], chosen: 0, replied: null });
    this.field = el("textarea", {
      rows: "1", placeholder: "Message", "aria-label": `Message as ${reader}`, maxlength: "4096", autocomplete: "off",
      role: "combobox", "aria-expanded": "false", "aria-controls": `${id}-menu`, "aria-autocomplete": "list",
      oninput: () => this.changed(), onkeydown: (event) => this.key(event), onblur: () => this.closeMenu(),
    });
    this.menu = el("ul", { class: "menu", id: `${id}-menu`, role: "listbox", "aria-label": "Commands", hidden: true });
    this.menuButton = el("button", { type: "button", class: "round slash", "aria-label": "Commands", onmousedown: keepFocus, onclick: () => this.toggleMenu() }, "/");
    this.sendButton = el("button", { type: "submit", class: "round send", "aria-label": "Send", disabled: true }, icon(SEND));
    this.start = el("button", { type: "button", class: "start", onclick: () => this.begin() }, "START");
    this.quote = el("span", { dir: "auto" });
    this.quoted = el("div", { class: "quoted", hidden: true }, this.quote,
      el("button", { type: "button", "aria-label": "Do not reply", onclick: () => this.reply(null) }, "×"));
    this.chips = el("div", { class: "suggestions", role: "group", "aria-label": "Suggestions" });
    this.labels = el("div", { class: "labels", role: "group", "aria-label": "Buttons below the field", hidden: true });
    const form = el("form", { onsubmit: (event) => { event.preventDefault(); this.submit(this.field.value); } },
      this.menuButton, this.field, this.sendButton);
    this.element = el("footer", { class: "composer" }, this.menu, this.chips, this.start, this.quoted, form, this.labels);
  }

  /** Offer what the reader has not said yet; START as long as nothing was. */
  refresh(history) {
    this.start.hidden = !this.starts || (history.bubbles.size > 0 && !this.payload);
    const left = this.suggestions.filter((text) => !history.said(text));
    this.chips.replaceChildren(...left.map((text) => el("button", { type: "button", onclick: () => this.submit(text) }, text)));
    this.chips.hidden = left.length === 0;
  }

  /** Show these buttons below the field. */
  show(labels) {
    this.labels.replaceChildren(...labels.map((label) => el("button", { type: "button", onclick: () => this.share(label) }, label)));
    this.labels.hidden = labels.length === 0;
  }

  /** START, as after a deep link: with its payload, once. */
  begin() {
    const words = this.payload ? `/start ${this.payload}` : "/start";
    this.payload = null;
    this.start.hidden = true;
    this.submit(words);
  }

  /** Let what is sent next reply to this message; null: to none. */
  reply(message) {
    this.replied = message;
    this.quoted.hidden = message === null;
    this.quote.textContent = message ? gist(message) : "";
    if (message) this.field.focus();
  }

  async submit(text) {
    const words = text.trim();
    if (!words) return;
    const replied = this.replied;
    this.field.value = "";
    this.reply(null);
    this.changed();
    if (!(await this.send(words, replied)) && !this.field.value) {
      this.field.value = words;
      this.changed();
    }
  }

  changed() {
    this.field.style.height = "";
    this.field.style.height = `${this.field.scrollHeight}px`;
    this.sendButton.disabled = !this.field.value.trim();
    const typed = /^\/(\w*)$/.exec(this.field.value);
    this.showMenu(typed ? this.commands.filter(({ command }) => command.startsWith(typed[1].toLowerCase())) : []);
  }

  toggleMenu() {
    this.field.focus();
    if (this.menu.hidden) this.showMenu(this.commands);
    else this.closeMenu();
  }

  closeMenu() {
    this.showMenu([]);
  }

  showMenu(commands) {
    this.matching = commands;
    this.chosen = 0;
    this.menu.hidden = commands.length === 0;
    this.field.setAttribute("aria-expanded", String(!this.menu.hidden));
    this.menu.replaceChildren(...commands.map(({ command, description }, index) =>
      el("li", { role: "option", id: `${this.menu.id}-${index}`, onmousedown: keepFocus, onclick: () => this.submit(`/${command}`) },
        el("b", {}, `/${command}`), el("span", {}, description))));
    this.mark();
  }

  mark() {
    [...this.menu.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.chosen)));
    if (this.menu.hidden) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `${this.menu.id}-${this.chosen}`);
    this.menu.children[this.chosen]?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.menu.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : -1) + this.matching.length) % this.matching.length;
      this.mark();
    } else if (open && event.key === "Tab") {
      this.field.value = `/${this.matching[this.chosen].command} `;
      this.changed();
    } else if (event.key === "Escape" && (open || this.replied)) {
      if (open) this.closeMenu();
      else this.reply(null);
    } else if (event.key === "Enter" && !event.shiftKey) {
      this.submit(open ? `/${this.matching[this.chosen].command}` : this.field.value);
    } else {
      return;
    }
    event.preventDefault();
  }
}

function keepFocus(event) {
  event.preventDefault();
}
