import { describe, expect, it } from '@jest/globals';
import type { ChatNamespace } from './chat-socket.js';
import { frameOf } from './engine-connection.js';
import { RoomBatches } from './room-batches.js';

/** A connection that keeps what was written to it, one string a write. */
class Connection {
  readonly readyState = 'open';
  upgrading = false;
  onWrite = (): void => undefined;
  readonly writeBuffer: unknown[] = [];
  readonly writes: string[] = [];
  readonly transport;

  constructor(name: 'websocket' | 'polling' = 'websocket') {
    const socket = { _socket: { writableLength: 0, write: (bytes: Buffer) => this.writes.push(texts(bytes)) } };
    this.transport = { name, writable: true, ...(name === 'websocket' ? { socket } : {}) };
  }

  write(text: string): void {
    this.writes.push(`single ${text}`);
    this.onWrite();
  }
}

/** What short frames hold, with spaces between them. */
function texts(bytes: Buffer): string {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0))
    found.push(bytes.toString('utf8', at + 3, at + 2 + (bytes[at + 1] ?? 0)));
  return found.join(' ');
}

function roomOf(members: Record<string, Connection>, room = 'room') {
  const adapter = {
    rooms: new Map([[room, new Set(Object.keys(members))]]),
    sids: new Map(Object.keys(members).map((id) => [id, new Set([id, room])])),
  };
  const sockets = new Map(Object.entries(members).map(([id, conn]) => [id, { conn }]));
  return { batches: new RoomBatches({ adapter, sockets } as unknown as ChatNamespace), adapter };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('events of a room in one turn', () => {
  it('go out in one write a member', async () => {
    const members = { a: new Connection(), b: new Connection(), c: new Connection() };
    const { batches } = roomOf(members);
    for (const text of ['1', '2', '3']) batches.add('room', text, null);
    expect(members.a.writes).toEqual([]);
    await turn();
    for (const { writes } of Object.values(members)) expect(writes).toEqual(['1 2 3']);
  });

  it('keep their order with what goes to one member alone', async () => {
    const members = { a: new Connection(), b: new Connection(), c: new Connection() };
    const { batches } = roomOf(members);
    batches.add('room', '1', null);
    batches.before('a');
    members.a.writes.push('alone');
    batches.add('room', '2', null);
    batches.before('a');
    members.a.writes.push('alone again');
    batches.add('room', '3', null);
    await turn();
    expect(members.a.writes).toEqual(['1', 'alone', '2', 'alone again', '3']);
    expect(members.b.writes).toEqual(['1 2 3']);
  });

  it('leave out who is not to get them', async () => {
    const members = { a: new Connection(), b: new Connection(), c: new Connection() };
    const { batches } = roomOf(members);
    batches.add('room', '1', new Set(['b']));
    batches.add('room', '2', null);
    await turn();
    expect(members.b.writes).toEqual(['2']);
    expect(members.c.writes).toEqual(['1 2']);
  });

  it('are not seen by who comes later, and all seen by who goes', async () => {
    const members = { a: new Connection(), b: new Connection(), c: new Connection(), d: new Connection() };
    const { batches, adapter } = roomOf(members);
    const room = adapter.rooms.get('room')!;
    room.delete('d');
    batches.add('room', '1', null);
    batches.flush(['room']);
    room.add('d');
    batches.add('room', '2', null);
    batches.flush(['room']);
    room.delete('a');
    batches.add('room', '3', null);
    await turn();
    expect(members.a.writes).toEqual(['1', '2']);
    expect(members.b.writes).toEqual(['1', '2', '3']);
    expect(members.d.writes).toEqual(['2', '3']);
  });

  it('go one by one to who polls or has not taken what it was sent', async () => {
    const members = { a: new Connection('polling'), b: new Connection(), c: new Connection() };
    members.b.transport.writable = false;
    const { batches } = roomOf(members);
    for (const text of ['1', '2']) batches.add('room', text, null);
    await turn();
    expect(members.a.writes).toEqual(['single 1', 'single 2']);
    expect(members.b.writes).toEqual(['single 1', 'single 2']);
    expect(members.c.writes).toEqual(['1 2']);
  });

  it('go in one write with what goes to a connection alone, in their order', async () => {
    const members = { a: new Connection(), b: new Connection(), c: new Connection() };
    const { batches, adapter } = roomOf(members);
    adapter.rooms.set('own', new Set(['a']));
    batches.add('room', '1', null);
    batches.add('own', '2', null);
    batches.add('room', '3', null);
    batches.addEach(['a', 'b'], '4');
    batches.add('room', '5', new Set(['a']));
    batches.add('room', '6', null);
    await turn();
    expect(members.a.writes).toEqual(['1 2 3 4 6']);
    expect(members.b.writes).toEqual(['1 3 4 5 6']);
    expect(members.c.writes).toEqual(['1 3 5 6']);
  });

  it('that are told while others are written go out in the next turn', async () => {
    const members = { a: new Connection(), b: new Connection(), c: new Connection() };
    const { batches } = roomOf(members);
    members.a.upgrading = true;
    members.a.onWrite = () => {
      members.a.onWrite = () => undefined;
      batches.add('room', '2', null);
    };
    batches.add('room', '1', null);
    await turn();
    await turn();
    expect(members.c.writes).toEqual(['1', '2']);
  });

  it('are written before something goes past them', async () => {
    const members = { a: new Connection(), b: new Connection(), c: new Connection() };
    const { batches } = roomOf(members);
    batches.addEach(['a'], '1');
    batches.add('room', '2', null);
    batches.before('a');
    expect(members.a.writes).toEqual(['1 2']);
    await turn();
    expect(members.a.writes).toEqual(['1 2']);
    expect(members.b.writes).toEqual(['2']);
  });

  it('wait for what goes to a member alone when somebody comes', async () => {
    const members = { a: new Connection(), b: new Connection(), c: new Connection() };
    const { batches } = roomOf(members);
    batches.addEach(['a'], '1');
    batches.add('room', '2', null);
    batches.flush(['room']);
    batches.add('room', '3', null);
    await turn();
    expect(members.a.writes).toEqual(['1 2 3']);
    expect(members.b.writes).toEqual(['2', '3']);
  });
});

it.each([
  [124, 2],
  [125, 4],
  [0xfffe, 4],
  [0xffff, 10],
])('a frame of %d characters has a header of %d bytes', (length, header) => {
  const { bytes } = frameOf('x'.repeat(length));
  expect(bytes.length).toBe(header + 1 + length);
  expect(bytes.toString('latin1', header)).toBe(`4${'x'.repeat(length)}`);
});
