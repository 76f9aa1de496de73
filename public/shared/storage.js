// Browsers may refuse storage (private windows, full disks): the page then works without it.

/** The stored JSON value, or `fallback` when there is none that can be read. */
export function load(key, fallback = null) {
  try {
    const text = localStorage.getItem(key);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

/** Stores a JSON value; `null` and `undefined` remove it. */
export function save(key, value) {
  try {
    if (value === null || value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // nothing to be done about it
  }
}

/** Removes every key that starts with `prefix`. */
export function removeAll(prefix) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
  } catch {
    // nothing to be done about it
  }
}

/** Calls `listener(key)` when another tab of this browser changed the storage. */
export function onForeignChange(listener) {
  addEventListener('storage', (event) => {
    if (event.storageArea === localStorage) listener(event.key);
  });
}
