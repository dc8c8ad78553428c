// The page: a newsstand, and the first two readers' phones; one at a time where there is no room for both.

import { call } from "./api.js";
import { el } from "./dom.js";
import { Newsstand } from "./newsstand.js";
import { Phone } from "./phone.js";

const SUGGESTIONS = [
  ["/follow North Korea", "/follow Vladimir Putin, Rugby", "/topics"],
  ["/follow Springboks", "/follow Climate change", "/topics"],
];
const RETRY_MS = 1000;

async function open() {
  const [bot, { chats }] = await Promise.all([call("/client/bot"), call("/client/chats")]);
  const readers = chats.filter((chat) => chat.type === "private").slice(0, SUGGESTIONS.length);
  const phones = document.getElementById("phones");
  const payload = new URLSearchParams(location.search).get("start");
  const tabs = readers.map((chat, index) => {
    const unread = el("span", { class: "unread", hidden: true });
    const tab = el("button", { type: "button", role: "tab", "aria-controls": `phone-${chat.id}`, onclick: () => show(index), onkeydown: step }, `${chat.first_name} `, unread);
    const noticed = () => {
      if (getComputedStyle(phones.children[index]).display !== "none") return;
      unread.textContent = Number(unread.textContent) + 1;
      unread.hidden = false;
    };
    const rooms = chats.filter(({ members }) => members?.includes(chat.id));
    phones.append(new Phone({ reader: chat, rooms, bot, suggestions: SUGGESTIONS[index], payload, noticed }).element);
    return tab;
  });
  document.getElementById("readers").append(...tabs);
  show(0);

  function show(chosen) {
    tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
      phones.children[index].classList.toggle("chosen", index === chosen);
    });
    const unread = tabs[chosen].querySelector(".unread");
    unread.textContent = "";
    unread.hidden = true;
  }

  function step(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = (tabs.indexOf(event.currentTarget) + by + tabs.length) % tabs.length;
    show(next);
    tabs[next].focus();
  }
}

async function openWhenReady() {
  try {
    await open();
  } catch {
    setTimeout(openWhenReady, RETRY_MS); // the bot has not called yet
  }
}

new Newsstand(document.getElementById("newsstand"));
openWhenReady();
