// One reader's phone: a chat with the bot.

import { call, watch } from "./api.js";
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { History } from "./history.js";

const TOAST_MS = 3500;
const TYPING_MS = 5000; // https://core.telegram.org/bots/api#sendchataction

export class Phone {
  /** `noticed` is called when the bot has written; `payload` is a deep link's. */
  constructor({ chat, bot, suggestions, payload, noticed }) {
    this.path = `/client/chats/${chat.id}`;
    this.noticed = noticed;
    this.taps = new Set();
    const act = { send: (text, replied) => this.send(text, replied), reply: (message) => this.composer.reply(message), tap: (message, data) => this.tap(message, data), tell: (text) => this.toast(text) };
    this.history = new History(act);
    this.composer = new Composer({ id: `chat-${chat.id}`, reader: chat.first_name, commands: bot.commands, suggestions, payload, send: act.send });
    this.status = el("span", { class: "status", role: "status" });
    this.toasts = el("div", { class: "toasts", role: "status" });
    const title = el("div", { class: "title" }, el("strong", {}, bot.first_name), this.status);
    this.element = el("section", { class: "phone", id: `phone-${chat.id}`, "aria-label": `${chat.first_name}'s chat with ${bot.first_name}` },
      el("header", {}, el("span", { class: "avatar", "aria-hidden": "true" }, bot.first_name[0]), title,
        el("span", { class: "owner" }, `${chat.first_name}’s phone`)),
      this.history.element, this.toasts, this.composer.element);
    this.connected = false;
    this.showStatus();
    watch(chat.id, this);
  }

  online(connected) {
    this.connected = connected;
    this.showStatus();
  }

  reset(messages) {
    this.history.reset(messages);
    this.composer.refresh(this.history);
  }

  message(message) {
    this.history.put(message);
    this.composer.refresh(this.history);
    if (message.from?.is_bot) {
      this.stopTyping();
      this.noticed();
    }
  }

  edited(message) {
    this.history.put(message);
  }

  deleted({ message_id: id }) {
    this.history.remove(id);
  }

  answer({ message_id: id, text, show_alert: alert }) {
    this.history.bubbles.get(id)?.answered();
    if (!this.taps.delete(id) || !text) return; // another window's tap
    if (alert) this.alert(text);
    else this.toast(text);
  }

  action() {
    this.stopTyping();
    this.typing = setTimeout(() => this.stopTyping(), TYPING_MS);
    this.showStatus();
  }

  stopTyping() {
    clearTimeout(this.typing);
    this.typing = null;
    this.showStatus();
  }

  showStatus() {
    this.status.textContent = !this.connected ? "connecting…" : this.typing ? "typing…" : "bot";
  }

  send(text, replied = null) {
    const to = replied ? { reply_to_message_id: replied.message_id } : {};
    return this.tried(call(`${this.path}/messages`, { text, ...to }));
  }

  tap(message, data) {
    this.taps.add(message.message_id);
    return this.tried(call(`${this.path}/taps`, { message_id: message.message_id, data }));
  }

  async tried(calling) {
    try {
      await calling;
      return true;
    } catch (error) {
      this.toast(error instanceof TypeError ? "No connection. Is the demo still running?" : error.message);
      return false;
    }
  }

  toast(text) {
    const toast = el("p", {}, text);
    this.toasts.replaceChildren(toast);
    setTimeout(() => toast.remove(), TOAST_MS);
  }

  alert(text) {
    const dialog = el("dialog", { onclose: () => dialog.remove() },
      el("p", {}, text), el("form", { method: "dialog" }, el("button", { autofocus: true }, "OK")));
    this.element.append(dialog);
    dialog.showModal();
  }
}
