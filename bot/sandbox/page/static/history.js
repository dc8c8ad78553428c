// A chat's messages: kept in order, edited in place, scrolled without jumps.

import { Bubble } from "./bubble.js";
import { el, icon } from "./dom.js";

const NEAR = 60; // pixels from the end that still count as the end
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });

export class History {
  /** `view` says whose eyes see it, see Bubble; `empty` is said where nothing was. */
  constructor(act, view, empty) {
    this.act = act;
    this.view = view;
    this.bubbles = new Map();
    this.unseen = 0;
    this.list = el("ol", { class: "messages", "aria-live": "polite", "aria-label": "Messages" });
    this.empty = el("div", { class: "empty" },
      el("strong", {}, "No messages here yet…"),
      el("span", {}, empty));
    this.pill = el("button", { type: "button", class: "pill", hidden: true, onclick: () => this.toEnd("smooth") });
    this.scroller = el("div", { class: "scroller", tabindex: "0", "aria-label": "Conversation", role: "region", onscroll: () => this.scrolled() },
      this.empty, this.list);
    this.element = el("div", { class: "history" }, this.scroller, this.pill);
    new ResizeObserver(() => this.following && this.toEnd("instant")).observe(this.scroller);
    this.following = true;
  }

  /** Show exactly these messages, as after a pause in the connection. */
  reset(messages) {
    const first = this.bubbles.size === 0;
    const dates = new Map(messages.map((message) => [message.message_id, message.date]));
    for (const [id, { message }] of this.bubbles) if (dates.get(id) !== message.date) this.remove(id); // a demo started anew counts anew
    for (const message of messages) this.put(message, first ? "instant" : "smooth");
    this.told();
  }

  /** Show a message, new or edited. */
  put(message, behaviour = "smooth") {
    const known = this.bubbles.get(message.message_id);
    if (known) {
      known.show(message);
    } else {
      this.append(message);
    }
    const mine = !known && message.from?.id === this.view.reader;
    if (this.following || mine) this.toEnd(known ? "instant" : behaviour);
    else if (!known) this.unseen += 1;
    this.told();
  }

  remove(id) {
    this.bubbles.get(id)?.element.remove();
    this.bubbles.delete(id);
    if (this.bubbles.size === 0) {
      this.list.replaceChildren();
      this.day = null;
    }
    this.told();
  }

  /** Whether the reader has written this already. */
  said(text) {
    return [...this.bubbles.values()].some((bubble) => bubble.outgoing && bubble.message.text === text);
  }

  append(message) {
    const day = DAY.format(message.date * 1000);
    if (day !== this.day) this.list.append(el("li", { class: "day" }, day === DAY.format(new Date()) ? "Today" : day));
    this.day = day;
    const bubble = new Bubble(message, this.act, this.view);
    this.bubbles.set(message.message_id, bubble);
    this.list.append(bubble.element);
  }

  toEnd(behavior) {
    this.following = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const up = scrollTop < (this.last ?? 0) - 1; // only the reader scrolls up; smooth scrolling of ours goes down
    this.last = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.following = true;
    else if (up) this.following = false;
    if (this.following) this.unseen = 0;
    this.told();
  }

  told() {
    this.empty.hidden = this.bubbles.size > 0;
    this.pill.hidden = this.following;
    const words = this.unseen === 0 ? "" : this.unseen === 1 ? "1 new message" : `${this.unseen} new messages`;
    this.pill.replaceChildren(icon("M6 9l6 6 6-6"), words);
    this.pill.setAttribute("aria-label", words || "To the newest message");
  }
}
