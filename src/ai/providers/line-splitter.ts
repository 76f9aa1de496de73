import { AppError } from '../../common/errors/app-error.js';

/** Longest line that is read, in characters. */
export const MAX_LINE_LENGTH = 1_048_576;

/**
 * Cuts a byte stream into lines of text. Bytes may be split anywhere, inside a character too; a leading byte order
 * mark is dropped. `any` ends lines at CRLF, LF and CR as server-sent events do, `lf` at LF with an optional CR.
 */
export class LineSplitter {
  private readonly decoder = new TextDecoder('utf-8');
  private parts: string[] = [];
  private heldLength = 0;
  private skipLineFeed = false;

  constructor(
    private readonly endings: 'any' | 'lf',
    private readonly onLine: (line: string) => void,
  ) {}

  /** @throws AppError AI_BAD_RESPONSE when a line is longer than MAX_LINE_LENGTH */
  push(bytes: Uint8Array): void {
    this.take(this.decoder.decode(bytes, { stream: true }));
  }

  /** The stream has ended; what was not yet ended by a line break, or null. */
  end(): string | null {
    this.take(this.decoder.decode());
    if (this.heldLength === 0) return null;
    const rest = this.parts.join('');
    this.parts = [];
    this.heldLength = 0;
    return rest;
  }

  private take(text: string): void {
    let start = 0;
    if (this.skipLineFeed && text.length > 0) {
      this.skipLineFeed = false;
      if (text.charCodeAt(0) === 10) start = 1;
    }
    const wantsCarriageReturns = this.endings === 'any' && text.includes('\r', start);
    for (;;) {
      const at = wantsCarriageReturns ? nextBreak(text, start) : text.indexOf('\n', start);
      if (at < 0) break;
      this.hold(text.slice(start, at));
      start = at + 1;
      if (wantsCarriageReturns && text.charCodeAt(at) === 13) {
        // Its line feed may only come with the next bytes; the line itself need not wait for that.
        if (start === text.length) this.skipLineFeed = true;
        else if (text.charCodeAt(start) === 10) start++;
      }
      this.emit();
    }
    if (start < text.length) this.hold(start === 0 ? text : text.slice(start));
  }

  private hold(part: string): void {
    if (part.length === 0) return;
    this.heldLength += part.length;
    if (this.heldLength > MAX_LINE_LENGTH) throw new AppError('AI_BAD_RESPONSE');
    this.parts.push(part);
  }

  private emit(): void {
    let line = this.parts.length === 1 ? this.parts[0]! : this.parts.join('');
    this.parts = [];
    this.heldLength = 0;
    if (this.endings === 'lf' && line.endsWith('\r')) line = line.slice(0, -1);
    this.onLine(line);
  }
}

function nextBreak(text: string, from: number): number {
  const lineFeed = text.indexOf('\n', from);
  const carriageReturn = text.indexOf('\r', from);
  if (lineFeed < 0) return carriageReturn;
  if (carriageReturn < 0) return lineFeed;
  return Math.min(lineFeed, carriageReturn);
}
