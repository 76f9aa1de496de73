// A small reader of the Markdown that assistants write. It makes a tree of plain objects; `ui/markdown-view.js` draws it.
// Anything it does not know stays text. Raw HTML is text too.

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*)$/;
const RULE = /^ {0,3}([-*_])( *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,12})([-*+]|\d{1,9}[.)])(?:\s+(.*))?$/;
const TABLE_RULE = /^ {0,3}\|?( *:?-+:? *\|)+ *(:?-+:? *)?$/;
/** Deeper nesting of quotes and lists is read as text. */
const MAX_DEPTH = 6;

/**
 * Cuts the source into blocks: `{type: 'paragraph'|'heading', inline}`, `{type: 'code', language, text}`, `{type: 'list', ordered, start, items}`,
 * `{type: 'quote', blocks}`, `{type: 'table', head, rows}`, `{type: 'rule'}`.
 */
export function parseBlocks(source, depth = 0) {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (line.trim() === '') at++;
    else if (FENCE.test(line)) at = readCode(lines, at, blocks);
    else if (RULE.test(line)) at = blocks.push({ type: 'rule' }) && at + 1;
    else if (HEADING.test(line)) at = readHeading(lines, at, blocks);
    else if (depth < MAX_DEPTH && QUOTE.test(line)) at = readQuote(lines, at, blocks, depth);
    else if (depth < MAX_DEPTH && ITEM.test(line)) at = readList(lines, at, blocks, depth);
    else if (line.includes('|') && TABLE_RULE.test(lines[at + 1] ?? '')) at = readTable(lines, at, blocks);
    else at = readParagraph(lines, at, blocks, depth);
  }
  return blocks;
}

function readCode(lines, at, blocks) {
  const [, fence, language] = FENCE.exec(lines[at]);
  const text = [];
  for (at++; at < lines.length; at++) {
    const line = lines[at].trim();
    if (line.startsWith(fence) && line.replaceAll(fence[0], '') === '') return blocks.push(code()) && at + 1;
    text.push(lines[at]);
  }
  // Not closed yet: the answer is still being written, and its closing fence may be half here.
  if (fence.startsWith(text.at(-1)?.trim() || 'nothing')) text.pop();
  blocks.push(code());
  return at;

  function code() {
    return { type: 'code', language, text: text.join('\n') };
  }
}

function readHeading(lines, at, blocks) {
  const [, marks, text] = HEADING.exec(lines[at]);
  blocks.push({ type: 'heading', level: marks.length, inline: parseInline(text.replace(/\s#+\s*$/, '')) });
  return at + 1;
}

function readQuote(lines, at, blocks, depth) {
  const inner = [];
  for (; at < lines.length && QUOTE.test(lines[at]); at++) inner.push(lines[at].replace(QUOTE, ''));
  blocks.push({ type: 'quote', blocks: parseBlocks(inner.join('\n'), depth + 1) });
  return at;
}

function readList(lines, at, blocks, depth) {
  const [, lead, mark] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(mark);
  const items = [];
  while (at < lines.length) {
    const found = RULE.test(lines[at]) ? null : ITEM.exec(lines[at]);
    if (!found || found[1].length > lead.length + 1 || found[1].length < lead.length || /\d/.test(found[2]) !== ordered)
      break;
    const inner = [found[3] ?? ''];
    const width = found[1].length + 2;
    for (at++; at < lines.length; at++) {
      const line = lines[at];
      const indent = line.length - line.trimStart().length;
      if (line.trim() === '') {
        const next = lines[at + 1] ?? '';
        if (next.trim() === '' || next.length - next.trimStart().length < width) break;
        inner.push('');
      } else if (indent >= width) inner.push(line.slice(Math.min(indent, width + (ordered ? 1 : 0))));
      else if (isBlockStart(line) || ITEM.test(line)) break;
      else inner.push(line);
    }
    items.push(parseBlocks(inner.join('\n'), depth + 1));
    while (at < lines.length && lines[at].trim() === '' && ITEM.test(lines[at + 1] ?? '')) at++;
  }
  blocks.push({ type: 'list', ordered, start: ordered ? parseInt(mark, 10) : undefined, items });
  return at;
}

function readTable(lines, at, blocks) {
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => parseInline(cell.trim()));
  const table = { type: 'table', head: cells(lines[at]), rows: [] };
  for (at += 2; at < lines.length && lines[at].includes('|'); at++) table.rows.push(cells(lines[at]));
  blocks.push(table);
  return at;
}

function readParagraph(lines, at, blocks, depth) {
  const text = [lines[at++].trim()];
  while (at < lines.length && lines[at].trim() !== '' && (depth >= MAX_DEPTH || !isBlockStart(lines[at])))
    text.push(lines[at++].trim());
  blocks.push({ type: 'paragraph', inline: parseInline(text.join('\n')) });
  return at;
}

// A year at the start of a line of prose does not begin a list.
const STARTS = [FENCE, HEADING, RULE, QUOTE, /^ {0,3}([-*+]|1[.)])\s+\S/];
const isBlockStart = (line) => STARTS.some((pattern) => pattern.test(line));

const INLINE =
  /(?<code>`+)|\*\*(?=\S)|__(?=\S)|~~(?=\S)|\*(?=\S)|_(?=\S)|\[(?<label>[^\][\n]{1,500})\]\((?<target>[^()\s]{1,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,1000})?)\)|(?<bare>https?:\/\/[^\s<>"'`]{1,2000})|\\(?<escaped>[\\`*_{}[\]()#+\-.!|~>])/g;
/** A longer paragraph than this, in characters, is drawn as plain text: looking for marks in it would take too long. */
const MAX_INLINE = 20_000;
const MARKS = { '**': 'strong', __: 'strong', '*': 'emphasis', _: 'emphasis', '~~': 'deleted' };

/** Reads a line of text into strings and `{type: 'code'|'strong'|'emphasis'|'deleted'|'link', …}`. */
export function parseInline(text, depth = 0) {
  if (text.length > MAX_INLINE) return [text];
  const parts = [];
  let from = 0;
  const pattern = new RegExp(INLINE);
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const part = readMark(text, found, depth);
    if (!part) continue;
    if (found.index > from) parts.push(text.slice(from, found.index));
    parts.push(part.node);
    from = pattern.lastIndex = part.end;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function readMark(text, found, depth) {
  const { code, label, target, bare, escaped } = found.groups;
  const after = found.index + found[0].length;
  if (escaped) return { node: escaped, end: after };
  if (code) {
    const end = text.indexOf(code, after);
    if (end < 0 || text[end + code.length] === '`') return null;
    return {
      node: { type: 'code', text: text.slice(after, end).replace(/^ (.*\S.*) $/s, '$1') },
      end: end + code.length,
    };
  }
  if (label) {
    const href = safeAddress(target);
    return (
      href && {
        node: { type: 'link', href, inline: depth < MAX_DEPTH ? withoutLinks(parseInline(label, depth + 1)) : [label] },
        end: after,
      }
    );
  }
  if (bare) {
    const address = bare.replace(/[.,;:!?)\]*_]+$/, '');
    const href = safeAddress(address);
    return href && { node: { type: 'link', href, inline: [address] }, end: found.index + address.length };
  }
  return depth < MAX_DEPTH ? readSpan(text, found, after, depth) : null;
}

function readSpan(text, found, after, depth) {
  const mark = found[0];
  // snake_case and 2 * 3 are not emphasis
  if (mark[0] === '_' && /\w/.test(text[found.index - 1] ?? '')) return null;
  let end = text.indexOf(mark, after + 1);
  while (
    end > 0 &&
    (/\s/.test(text[end - 1]) || (mark.length === 1 && (text[end + 1] === mark || text[end - 1] === mark)))
  )
    end = text.indexOf(mark, end + (text[end + 1] === mark ? 2 : 1));
  if (end < 0 || (mark[0] === '_' && /\w/.test(text[end + mark.length] ?? ''))) return null;
  return {
    node: { type: MARKS[mark], inline: parseInline(text.slice(after, end), depth + 1) },
    end: end + mark.length,
  };
}

const withoutLinks = (parts) => parts.map((part) => (part.type === 'link' ? part.inline.join('') : part));

/** The address when it leads to the web, else null: no `javascript:`, no `data:`. */
export function safeAddress(target) {
  try {
    const url = new URL(target);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}
