import type { FormattedText, TextEntity } from './formatted-text.js';

/** ``` at the start of a line, with its language, up to the next such line or the end. */
const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n`]*(?:\n|$)/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*$/;
/** Beyond this length a mark is not looked for: it keeps the work linear. */
const LONGEST_SPAN = 1_000;

/**
 * The Markdown that models write, as text and entities: code blocks, inline code, bold, italic, struck out, links and
 * headings. What is no clear mark stays as it was written; entities, unlike a parse mode, cannot be written wrongly.
 */
export function markdownToEntities(markdown: string): FormattedText {
  const writer = new Writer();
  for (let at = 0; at < markdown.length;) {
    const lineEnd = endOfLine(markdown, at);
    const line = markdown.slice(at, lineEnd);
    const fence = FENCE.exec(line);
    if (fence) {
      at = writeBlock(writer, markdown, at + fence[0].length, fence[1] ?? '```', fence[2] ?? '');
      continue;
    }
    const heading = HEADING.exec(line.replace(/\n$/, ''));
    if (heading) {
      writer.within({ type: 'bold' }, () => writer.write(heading[1] ?? ''));
      if (line.endsWith('\n')) writer.write('\n');
    } else writeInline(writer, line, 0);
    at = lineEnd;
  }
  return writer.result();
}

class Writer {
  private text = '';
  private readonly entities: TextEntity[] = [];

  write(text: string): void {
    this.text += text;
  }

  within(entity: Omit<TextEntity, 'offset' | 'length'>, work: () => void): void {
    const offset = this.text.length;
    const place = this.entities.length;
    work();
    const length = this.text.length - offset;
    if (length > 0) this.entities.splice(place, 0, { ...entity, offset, length });
  }

  result(): FormattedText {
    return { text: this.text, entities: this.entities };
  }
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at + 1;
}

/** Writes the code block that begins at `from`; returns where the text after it begins. */
function writeBlock(writer: Writer, markdown: string, from: number, mark: string, language: string): number {
  for (let at = from; at < markdown.length;) {
    const lineEnd = endOfLine(markdown, at);
    const line = markdown.slice(at, lineEnd).trim();
    if (line.length >= mark.length && line === (mark[0] ?? '`').repeat(line.length)) {
      writePre(writer, markdown.slice(from, at).replace(/\n$/, ''), language);
      if (lineEnd < markdown.length) writer.write('\n');
      return lineEnd;
    }
    at = lineEnd;
  }
  writePre(writer, markdown.slice(from), language);
  return markdown.length;
}

function writePre(writer: Writer, code: string, language: string): void {
  writer.within({ type: 'pre', ...(language === '' ? {} : { language }) }, () => writer.write(code));
}

const MAX_NESTING = 3;
const MARK = /`+|\*\*|__|~~|\*|_|\[|\\(?=[\\`*_~[\]()#])/g;
const TYPE_OF_MARK: Readonly<Record<string, TextEntity['type']>> = {
  '**': 'bold',
  __: 'bold',
  '*': 'italic',
  _: 'italic',
  '~~': 'strikethrough',
};

function writeInline(writer: Writer, line: string, depth: number): void {
  let done = 0;
  MARK.lastIndex = 0;
  const marks = new RegExp(MARK);
  for (let match = marks.exec(line); match; match = marks.exec(line)) {
    const [mark] = match;
    const at = match.index;
    const span = spanAt(line, at, mark, depth);
    if (!span) continue;
    writer.write(line.slice(done, at));
    span.write(writer);
    done = span.end;
    marks.lastIndex = done;
  }
  writer.write(line.slice(done));
}

interface Span {
  end: number;
  write: (writer: Writer) => void;
}

function spanAt(line: string, at: number, mark: string, depth: number): Span | null {
  if (mark === '\\') return { end: at + 2, write: (writer) => writer.write(line.charAt(at + 1)) };
  if (mark.startsWith('`')) return codeSpan(line, at, mark);
  if (depth >= MAX_NESTING) return null;
  if (mark === '[') return linkSpan(line, at);
  return emphasisSpan(line, at, mark, depth);
}

function codeSpan(line: string, at: number, mark: string): Span | null {
  const from = at + mark.length;
  const to = line.slice(0, from + LONGEST_SPAN).indexOf(mark, from);
  if (to <= from || line.charAt(to + mark.length) === '`') return null;
  const code = line.slice(from, to);
  return {
    end: to + mark.length,
    write: (writer) => writer.within({ type: 'code' }, () => writer.write(code)),
  };
}

const LINK = /\[([^[\]\n]{1,500})\]\((https?:\/\/[^\s()<>]{1,1500})\)/y;

function linkSpan(line: string, at: number): Span | null {
  LINK.lastIndex = at;
  const match = LINK.exec(line);
  const [whole, label, url] = match ?? [];
  if (!whole || !label || !url || !URL.canParse(url)) return null;
  return {
    end: at + whole.length,
    write: (writer) => writer.within({ type: 'text_link', url }, () => writer.write(label)),
  };
}

const isWordChar = (char: string): boolean => /[\p{L}\p{N}_]/u.test(char);

function emphasisSpan(line: string, at: number, mark: string, depth: number): Span | null {
  const type = TYPE_OF_MARK[mark];
  const from = at + mark.length;
  const first = line.charAt(from);
  // Within a word an underscore is part of a name, and before a blank a star is one.
  if (!type || first === '' || /\s/.test(first) || first === mark[0]) return null;
  if (mark[0] === '_' && isWordChar(line.charAt(at - 1))) return null;
  const window = line.slice(0, from + LONGEST_SPAN);
  for (let to = window.indexOf(mark, from + 1); to > 0; to = window.indexOf(mark, to + mark.length)) {
    const after = line.charAt(to + mark.length);
    if (/\s/.test(line.charAt(to - 1)) || after === mark[0] || line.charAt(to - 1) === mark[0]) continue;
    if (mark[0] === '_' && isWordChar(after)) continue;
    const inner = line.slice(from, to);
    return {
      end: to + mark.length,
      write: (writer) => writer.within({ type }, () => writeInline(writer, inner, depth + 1)),
    };
  }
  return null;
}
