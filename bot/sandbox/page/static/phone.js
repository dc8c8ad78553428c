// One reader's phone: the chat with the bot, and the groups and channels in which both are.

import { call, watch } from "./api.js";
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { History } from "./history.js";

const TOAST_MS = 3500;
const TYPING_MS = 5000; // https://core.telegram.org/bots/api#sendchataction

const ALONE = "This bot tells you when the paper writes about what you follow. Press START, or tap a suggestion.";
const TOGETHER = "Only admins change what is followed here. Tap a suggestion.";
const POSTS = "Send /channel in the chat with the bot to choose what is posted here.";
const IN_GROUPS = ["/follow North Korea", "/topics"];

export class Phone {
  /**
   * `rooms` are the groups and channels in which the reader is; `noticed` is called when the bot has written;
   * `payload` is a deep link's.
   */
  constructor({ reader, rooms, bot, suggestions, payload, noticed }) {
    Object.assign(this, { reader, bot, suggestions, noticed });
    this.own = { chat: reader, name: bot.first_name };
    this.places = [this.own, ...rooms.flatMap(placesIn)];
    this.name = el("strong", {});
    this.status = el("span", { class: "status", role: "status" });
    this.toasts = el("div", { class: "toasts", role: "status" });
    this.avatar = el("span", { class: "avatar", "aria-hidden": "true" });
    this.choice = el("select", { "aria-label": `${reader.first_name}’s chats`, onchange: () => this.open(this.places[this.choice.selectedIndex]) },
      ...this.places.map(({ name }) => el("option", {}, name)));
    const owner = el("span", { class: "owner" }, `${reader.first_name}’s phone`);
    this.element = el("section", { class: "phone", id: `phone-${reader.id}`, "aria-label": `${reader.first_name}'s chat with ${bot.first_name}` },
      el("header", {}, this.avatar, el("div", { class: "title" }, this.name, this.status), rooms.length ? this.choice : null, owner));
    this.open(this.own, payload);
  }

  /** Turn to a chat, or a thread of one, and leave the one that is open. */
  open(place, payload = null) {
    this.close?.();
    const { chat, thread, name } = place;
    const alone = chat === this.reader, posts = chat.type === "channel";
    this.place = place;
    this.path = `/client/chats/${chat.id}`;
    this.taps = new Set();
    this.choice.selectedIndex = this.places.indexOf(place);
    this.name.textContent = name;
    this.avatar.textContent = name[0];
    const act = { send: (text, replied) => this.send(text, replied), reply: (message) => this.composer.reply(message), tap: (message, data) => this.tap(message, data), tell: (text) => this.toast(text) };
    this.history = new History(act, { reader: this.reader.id, names: !alone && !posts }, alone ? ALONE : posts ? POSTS : TOGETHER);
    this.composer = new Composer({
      id: `chat-${this.reader.id}`, reader: this.reader.first_name, commands: this.bot.commands, payload, starts: alone,
      suggestions: alone ? this.suggestions : IN_GROUPS, send: act.send, share: (label) => this.share(label),
    });
    this.composer.element.hidden = posts;
    this.element.replaceChildren(this.element.firstChild, this.history.element, this.toasts, this.composer.element);
    this.connected = false;
    this.stopTyping();
    this.close = watch(chat.id, this);
  }

  online(connected) {
    this.connected = connected;
    this.showStatus();
  }

  reset(messages, labels) {
    this.history.reset(messages.filter((message) => this.isHere(message)));
    this.composer.refresh(this.history);
    this.composer.show(labels);
  }

  isHere(message) {
    return message.message_thread_id === this.place.thread;
  }

  keyboard({ labels }) {
    this.composer.show(labels);
  }

  message(message) {
    if (!this.isHere(message)) return;
    this.history.put(message);
    this.composer.refresh(this.history);
    if (message.from?.is_bot) {
      this.stopTyping();
      this.noticed();
    }
  }

  edited(message) {
    if (this.isHere(message)) this.history.put(message);
  }

  deleted({ message_id: id }) {
    this.history.remove(id);
  }

  answer({ message_id: id, text, show_alert: alert, url }) {
    this.history.bubbles.get(id)?.answered();
    if (!this.taps.delete(id)) return; // another window's tap
    if (url) this.open(this.own, new URL(url).searchParams.get("start"));
    else if (text && alert) this.alert(text);
    else if (text) this.toast(text);
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
    const where = this.place.thread ? { message_thread_id: this.place.thread } : {};
    return this.tried(call(`${this.path}/messages`, { text, from_id: this.reader.id, ...to, ...where }));
  }

  tap(message, data) {
    this.taps.add(message.message_id);
    return this.tried(call(`${this.path}/taps`, { message_id: message.message_id, data, from_id: this.reader.id }));
  }

  /** Press a button below the field, and choose the reader's channel. */
  share(label) {
    const channel = this.places.find(({ chat }) => chat.type === "channel");
    return this.tried(channel ? call(`${this.path}/shares`, { label, chat_id: channel.chat.id }) : Promise.reject(new Error("You have no channel.")));
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

/** A group or channel; of a forum its threads, too. */
function placesIn(chat) {
  return [undefined, ...chat.threads].map((thread) => ({ chat, thread, name: thread ? `${chat.title} › ${thread}` : chat.title }));
}
