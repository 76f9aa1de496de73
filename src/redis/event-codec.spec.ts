import { describe, expect, it } from '@jest/globals';
import { decodeEvents, encodeEvent, type TravellingEvent } from './event-codec.js';

describe('what travels between nodes', () => {
  it('arrives as it was, dates and odd texts too', () => {
    const at = new Date('2026-03-04T05:06:07.089Z');
    const events: TravellingEvent[] = [
      ['chat-room.updated', { roomId: 'r', changeSeq: 3, memberIds: ['a'], updatedBy: 'a', at }],
      ['session.created', { sessionId: '{"$date": 7}', ownerId: '"\\\u2028\n' }],
    ];
    expect(decodeEvents(`[${events.map(encodeEvent).join(',')}]`)).toEqual(events);
  });
});
