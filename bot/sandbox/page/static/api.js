// The stand-in Telegram over HTTP: what a person does, and what happens in a chat.

const RETRY_MS = 1000;
const KINDS = ["message", "edited", "deleted", "answer", "action", "keyboard"];

export async function call(path, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(path, { ...options, headers: { "Content-Type": "application/json" } });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error);
  return value;
}

/**
 * Watch a chat for as long as the page is seen: a hidden page holds no connection, as browsers allow only six.
 * `watcher.reset` gets all messages, and the buttons below the field for text, after each connecting,
 * `watcher.online` whether we are connected, and `watcher.message`, `.edited`, `.deleted`, `.answer`, `.action`,
 * `.keyboard` what happens. The answer ends it.
 */
export function watch(chatId, watcher) {
  const path = `/client/chats/${chatId}`;
  let source = null;
  let attempt = 0;

  async function connect() {
    const mine = (attempt += 1);
    try {
      const { messages, labels, last_event: last } = await call(`${path}/messages`);
      if (mine !== attempt) return;
      watcher.reset(messages, labels);
      source = new EventSource(`${path}/events?after=${last}`);
      source.onopen = () => watcher.online(true);
      source.onerror = retry;
      for (const kind of KINDS) source.addEventListener(kind, (event) => watcher[kind](JSON.parse(event.data)));
    } catch {
      if (mine === attempt) retry();
    }
  }

  function close() {
    attempt += 1;
    source?.close();
    source = null;
  }

  function retry() {
    close();
    watcher.online(false);
    const mine = attempt;
    setTimeout(() => mine === attempt && !document.hidden && connect(), RETRY_MS);
  }

  function seen() {
    close();
    if (!document.hidden) connect();
  }

  document.addEventListener("visibilitychange", seen);
  connect();
  return () => {
    document.removeEventListener("visibilitychange", seen);
    close();
  };
}
