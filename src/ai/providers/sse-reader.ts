import { AppError } from '../../common/errors/app-error.js';
import { LineSplitter, MAX_LINE_LENGTH } from './line-splitter.js';

export interface SseEvent {
  /** The `event` field; empty when there was none. */
  event: string;
  /** The `data` lines. */
  data: string[];
  /** False when the stream broke off inside this event, so that its last line may be cut short. */
  isWhole: boolean;
}

/**
 * Reads a server-sent event stream (WHATWG HTML section 9.2.6), except that an event which the end of the stream
 * leaves without its blank line is not dropped but told as not whole.
 */
export class SseReader {
  private readonly lines = new LineSplitter('any', (line) => this.readLine(line));
  private event = '';
  private data: string[] = [];
  private dataLength = 0;

  constructor(private readonly onEvent: (event: SseEvent) => void) {}

  /** @throws AppError AI_BAD_RESPONSE when a line or an event is too long */
  push(bytes: Uint8Array): void {
    this.lines.push(bytes);
  }

  end(): void {
    const rest = this.lines.end();
    if (rest !== null) this.readLine(rest);
    this.dispatch(rest === null);
  }

  private readLine(line: string): void {
    if (line === '') return this.dispatch(true);
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') {
      this.dataLength += value.length;
      if (this.dataLength > MAX_LINE_LENGTH) throw new AppError('AI_BAD_RESPONSE');
      this.data.push(value);
    } else if (field === 'event') {
      this.event = value;
    }
  }

  private dispatch(isWhole: boolean): void {
    const { event, data } = this;
    this.event = '';
    if (data.length === 0) return;
    this.data = [];
    this.dataLength = 0;
    this.onEvent({ event, data, isWhole });
  }
}
