import type { RedisConnection } from './redis-connection.js';

/** An entry as it is read. */
export interface Entry {
  nodeId: string;
  number: number;
  isLast: boolean;
  /** JSON of a list of events. */
  events: string;
}

/** About as many entries are kept: minutes under load. Whoever is further behind asks PostgreSQL. */
const MOST_ENTRIES = 10_000;
const MOST_AT_ONCE = 500;
/** Every node writes more often than that, so a silence of this length says that we listen at the wrong place. */
const BLOCK_MS = 1_500;
const BLOCKED_PATIENCE_MS = BLOCK_MS + 1_000;

const START = '0-0';

type Reply = [key: string, entries: [id: string, fields: string[]][]][] | null;

/** The one stream of an installation, on which every node writes and which every node reads. */
export class EventStream {
  private position: string | null = null;

  constructor(
    private readonly key: string,
    private readonly writer: RedisConnection,
    private readonly reader: RedisConnection,
  ) {}

  async write({ nodeId, number, isLast, events }: Entry): Promise<void> {
    const fields = ['n', nodeId, 'c', String(number), 'e', events, ...(isLast ? ['b', '1'] : [])];
    await this.writer.run(['XADD', this.key, 'MAXLEN', '~', String(MOST_ENTRIES), '*', ...fields]);
  }

  /** Waits for what comes after the last entry that was read. */
  async read(): Promise<Entry[]> {
    this.position ??= await this.lastId();
    const reply = (await this.reader.run(
      ['XREAD', 'COUNT', String(MOST_AT_ONCE), 'BLOCK', String(BLOCK_MS), 'STREAMS', this.key, this.position],
      BLOCKED_PATIENCE_MS,
    )) as Reply;
    const entries = reply?.[0]?.[1] ?? [];
    if (entries.length === 0) await this.checkPosition();
    this.position = entries.at(-1)?.[0] ?? this.position;
    return entries.map(([, fields]) => entryOf(fields));
  }

  /** An emptied Redis whose clock is behind gives ids that ours is never reached by. */
  async checkPosition(): Promise<void> {
    const last = await this.lastId();
    if (this.position !== null && isBefore(last, this.position)) this.position = START;
  }

  private async lastId(): Promise<string> {
    const reply = (await this.reader.run(['XREVRANGE', this.key, '+', '-', 'COUNT', '1'])) as [string][];
    return reply[0]?.[0] ?? START;
  }
}

function entryOf(fields: readonly string[]): Entry {
  const values = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) values.set(fields[at] ?? '', fields[at + 1] ?? '');
  return {
    nodeId: values.get('n') ?? '',
    number: Number(values.get('c')),
    isLast: values.has('b'),
    events: values.get('e') ?? '[]',
  };
}

function isBefore(one: string, other: string): boolean {
  const [time = 0, part = 0] = one.split('-').map(Number);
  const [otherTime = 0, otherPart = 0] = other.split('-').map(Number);
  return time < otherTime || (time === otherTime && part < otherPart);
}
