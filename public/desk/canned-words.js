// Which canned replies are meant by what is being typed. Pure functions.

/** The word after a `/` that is being typed before the caret: `{from, words}`, or null. */
export function wordBeingTyped(text, caret) {
  const found = /(?:^|\s)\/([\p{L}\p{N}_-]{0,50})$/u.exec(text.slice(Math.max(0, caret - 60), caret));
  return found ? { from: caret - found[1].length - 1, words: found[1].toLowerCase() } : null;
}

/** Those whose shortcut begins with the words come first, then those with them in the title. */
export function matching(list, words, most = 8) {
  const byShortcut = list.filter(({ shortcut }) => shortcut?.replace(/^\//, '').toLowerCase().startsWith(words));
  const byTitle = list.filter((reply) => !byShortcut.includes(reply) && reply.title.toLowerCase().includes(words));
  return [...byShortcut, ...byTitle].slice(0, most);
}
