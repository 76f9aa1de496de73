// Turns what people and models wrote into parts of a Markdown document that others may open. The writer can neither leave the
// place the document gives to the text nor make a reader's program load or run anything; what is left is ordinary formatting.

/** What some viewer may start a new line at. */
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
const FENCE = /^(`{3,})([^`]*)$|^(~{3,})(.*)$/;

/** Any text as one line that stands inside another one. */
export function inlineText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return inert(line);
}

/**
 * A text as a block quotation without the mark of its first line. Formatting and code blocks stay; every line but the first
 * begins with `>`, so a line that does not is never part of a text.
 */
export function quotedText(text: string): string {
  const lines = safeLines(text.split(LINE_END));
  return lines.map((line, index) => (index === 0 ? line : line === '' ? '>' : `> ${line}`)).join('\n');
}

/** Code blocks are fenced anew with a fence that their content cannot close; everything else is made inert. */
function safeLines(lines: readonly string[]): string[] {
  const safe: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const opening = FENCE.exec(line);
    if (!opening) {
      safe.push(inert(line));
      continue;
    }
    const mark = opening[1] ?? (opening[3] as string);
    const end = endOfCode(lines, at + 1, mark);
    const code = lines.slice(at + 1, end);
    const fence = '`'.repeat(Math.max(3, longestRun(code) + 1));
    const language = /^[\w+#.-]{1,40}/.exec((opening[2] ?? opening[4] ?? '').trim())?.[0] ?? '';
    // The first line of a text stands after its role, where no code block can begin.
    if (safe.length === 0) safe.push('');
    safe.push(fence + language, ...code, fence);
    at = end;
  }
  return safe;
}

function endOfCode(lines: readonly string[], from: number, mark: string): number {
  const closing = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}[ \\t]*$`);
  for (let at = from; at < lines.length; at++) if (closing.test(lines[at] as string)) return at;
  return lines.length;
}

function longestRun(code: readonly string[]): number {
  return Math.max(0, ...code.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length)));
}

/** A backslash with what it escapes, or what would begin a tag, end a link's label or fence code. */
const ACTIVE = /\\[^]|<(?=[A-Za-z/!?])|\](?=[(:])|`{3,}|~{3,}/g;

/**
 * No HTML, no links, no images, no code blocks. Tags and labels are broken by entities: where addresses become links by
 * themselves, a backslash after one is taken for a part of it and escapes nothing.
 */
function inert(line: string): string {
  return line.replace(ACTIVE, (found) => {
    const mark = found.at(-1);
    if (mark === '<') return '&lt;';
    if (mark === ']') return '&#93;';
    return found.startsWith('\\') ? found : found.replace(/./g, '\\$&');
  });
}
