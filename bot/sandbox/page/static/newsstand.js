// The bar above: the paper, and when its next article appears.

import { call } from "./api.js";
import { OUTER, el } from "./dom.js";

export class Newsstand {
  constructor(element) {
    this.paper = el("a", { class: "paper", ...OUTER });
    this.news = el("p", { class: "news", role: "status" });
    this.button = el("button", { type: "button", class: "publish", onclick: () => this.publish() }, "Publish the next article");
    this.box = el("input", { type: "checkbox", role: "switch", onchange: () => this.switch() });
    this.clock = el("span", { class: "clock" });
    const label = el("label", { class: "automatic" }, this.box, this.clock);
    const promise = el("p", { class: "promise" }, "Everything here stays on this machine.");
    element.append(el("div", { class: "masthead" }, this.paper, promise), this.news, label, this.button);
    this.first = null;
    this.load();
    setInterval(() => this.tick(), 1000);
    document.addEventListener("visibilitychange", () => document.hidden || this.load());
  }

  load() {
    return this.take(call("/newsstand"));
  }

  async publish() {
    this.button.disabled = true;
    await this.take(call("/newsstand/publish", {}));
  }

  switch() {
    return this.take(call("/newsstand/automatic", { on: this.box.checked }));
  }

  async take(asking) {
    try {
      this.state = await asking;
      this.asked = performance.now();
      this.show();
    } catch {
      this.clock.textContent = "The demo has stopped";
      this.button.disabled = true;
      setTimeout(() => document.hidden || this.load(), 2000);
    }
  }

  show() {
    const { site, last, waiting, automatic } = this.state;
    this.paper.textContent = site.name;
    this.paper.href = site.url;
    this.first ??= last.number;
    this.button.disabled = waiting === 0;
    this.box.disabled = waiting === 0;
    this.box.checked = automatic;
    if (last.number !== this.shown) this.tell(last);
    this.shown = last.number;
    this.tick();
  }

  tell({ number, headline, premium, url }) {
    const fresh = number !== this.first;
    const badge = el("span", { class: premium ? "badge premium" : "badge" }, premium ? "Premium" : "Free");
    const label = el("span", { class: "label" }, fresh ? "Just published" : "Newest", badge);
    this.news.replaceChildren(label, el("a", { href: url, title: headline, ...OUTER }, headline));
    this.news.classList.toggle("fresh", fresh);
  }

  tick() {
    if (!this.state) return;
    const { waiting, automatic, next_in: nextIn } = this.state;
    const left = Math.ceil((nextIn ?? 0) - (performance.now() - this.asked) / 1000);
    if (waiting === 0) this.clock.textContent = "All articles are out";
    else if (!automatic) this.clock.textContent = "Automatic is off";
    else if (left > 0) this.clock.textContent = `Next in ${left} s`;
    else if (!document.hidden) this.load();
  }
}
