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

/** The stored keys that start with `prefix`. */
export function keysWith(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

export function removeAll(prefix) {
  for (const key of keysWith(prefix)) save(key, null);
}

/** Calls `listener(key)` when another tab of this browser changed the storage. */
export function onForeignChange(listener) {
  addEventListener('storage', (event) => {
    if (event.storageArea === localStorage) listener(event.key);
  });
}
